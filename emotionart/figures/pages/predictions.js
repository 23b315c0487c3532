// Thousands of pictures, of which only those near the window are in the document.
const { classes, pictures } = JSON.parse(document.getElementById("content").textContent);
const filters = document.getElementById("filters");
const grid = document.getElementById("grid");
const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
const WIDTH = 11 * rem, HEIGHT = 18 * rem, SHOWN = 4;
let chosen = [];
let selected = null;

const most = (picture) => Math.max(...picture.p);
const share = (picture) => (selected === null ? most(picture) : picture.p[selected]);
const ORDERS = {
  sure: (a, b) => share(b) - share(a),
  unsure: (a, b) => b.entropy - a.entropy,
  spread: (a, b) => b.spread - a.spread,
  name: (a, b) => a.name.localeCompare(b.name),
};

function choose() {
  const wanted = new FormData(filters);
  selected = wanted.get("class") === "" ? null : Number(wanted.get("class"));
  const which = wanted.get("which");
  const low = Number(wanted.get("low")) / 100;
  const fits = (picture) =>
    selected === null ||
    which === "all" ||
    (which === "set" ? picture.set.includes(selected) : picture.p[selected] === most(picture));
  chosen = pictures.filter((picture) => fits(picture) && share(picture) >= low).sort(ORDERS[wanted.get("order")]);
  document.getElementById("shown").textContent = `${chosen.length} of ${pictures.length} pictures`;
  draw();
}

function element(kind, className, ...children) {
  const made = document.createElement(kind);
  made.className = className;
  made.append(...children);
  return made;
}

function card(picture) {
  const image = document.createElement("img");
  image.src = picture.source;
  image.alt = picture.name;
  const order = classes.map((_, k) => k).sort((a, b) => picture.p[b] - picture.p[a]);
  const shares = order.slice(0, SHOWN).map((k) => {
    const bar = document.createElement("i");
    bar.style.width = `${100 * picture.p[k]}%`;
    const kind = picture.set?.includes(k) ? "share chosen" : "share";
    return element("div", kind, bar, element("span", "", classes[k]), element("span", "", `${Math.round(100 * picture.p[k])} %`));
  });
  const name = element("div", "name", picture.caption);
  const made = element("div", "picture card", element("div", "frame", image), name, ...shares);
  made.title = [picture.caption, picture.name, ...order.map((k) => `${classes[k]} ${(100 * picture.p[k]).toFixed(1)} %`)].join("\n");
  made.setAttribute("role", "listitem");
  return made;
}

function draw() {
  const columns = Math.max(1, Math.floor(grid.clientWidth / WIDTH));
  const width = grid.clientWidth / columns;
  grid.style.height = `${Math.ceil(chosen.length / columns) * HEIGHT}px`;
  const top = Math.max(0, -grid.getBoundingClientRect().top);
  const first = Math.max(0, Math.floor(top / HEIGHT) - 1) * columns;
  const last = (Math.ceil((top + window.innerHeight) / HEIGHT) + 1) * columns;
  grid.replaceChildren(
    ...chosen.slice(first, last).map((picture, place) => {
      const made = card(picture);
      made.style.left = `${((first + place) % columns) * width}px`;
      made.style.top = `${Math.floor((first + place) / columns) * HEIGHT}px`;
      made.style.width = `${width - 0.7 * rem}px`;
      return made;
    }),
  );
}

for (const event of ["input", "change"]) filters.addEventListener(event, choose);
filters.addEventListener("submit", (event) => event.preventDefault());
for (const event of ["scroll", "resize"]) window.addEventListener(event, () => requestAnimationFrame(draw), { passive: true });
choose();
