// Filters of the gallery, and one artwork large; both by mouse or by keyboard.
const artworks = [...document.querySelectorAll(".artwork")];
const filters = document.getElementById("filters");
const large = document.getElementById("large");
let opened = null;

const visible = () => artworks.filter((artwork) => !artwork.hidden);

function filter() {
  const wanted = new FormData(filters);
  const low = Number(wanted.get("low")) / 100;
  const high = wanted.get("high") === "" ? 1 : Number(wanted.get("high")) / 100;
  for (const artwork of artworks) {
    const { confidence, ...facts } = artwork.dataset;
    const fits = ["true", "predicted", "verdict", "cue"].every((name) => !wanted.get(name) || wanted.get(name) === facts[name]);
    artwork.hidden = !(fits && confidence >= low && confidence <= high);
  }
  document.getElementById("shown").textContent = `${visible().length} of ${artworks.length} artworks`;
}

function open(artwork) {
  opened = artwork;
  const copy = artwork.cloneNode(true);
  copy.removeAttribute("tabindex");
  large.lastElementChild.replaceChildren(copy);
  if (!large.open) large.showModal();
}

// How many artworks stand in one row of the grid.
function columns() {
  const [first, ...others] = visible();
  const next = others.findIndex((other) => other.offsetTop > first.offsetTop);
  return next < 0 ? others.length + 1 : next + 1;
}

function move(event, from) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() };
  if (!(event.key in steps)) return null;
  event.preventDefault();
  const list = visible();
  return list[list.indexOf(from) + (large.open ? Math.sign(steps[event.key]) : steps[event.key])] ?? null;
}

for (const event of ["input", "change"]) filters.addEventListener(event, filter);
filters.querySelector("button").addEventListener("click", () => {
  filters.reset();
  filter();
});
filters.addEventListener("submit", (event) => event.preventDefault());
for (const artwork of artworks) {
  artwork.addEventListener("click", () => open(artwork));
  artwork.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault(); // else the same key would press the button that gets the focus
      open(artwork);
    } else move(event, artwork)?.focus();
  });
}
large.addEventListener("keydown", (event) => {
  const next = move(event, opened);
  if (next) open(next);
});
large.addEventListener("close", () => opened?.focus());
filter();
