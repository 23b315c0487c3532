"""MkDocs hooks that generate pages of the site from the README, `conf/` and the code (`make docs`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from emotionart.config.groups import CONF, SWEEP_GROUPS, group_options, top_level_keys

ROOT = Path(__file__).parents[1]
CODE = ROOT / "emotionart"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_ERRORS = ("UserError", "Failure")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages."""
    made = {
        "index.md": _from_root((ROOT / "README.md").read_text()),
        "run-folder.md": (ROOT / "outputs" / "README.md").read_text(),
        "configuration.md": configuration(),
        "messages.md": messages(),
    }
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replaces links to files outside the site by their names."""

    def shown(found: re.Match[str]) -> str:
        _, text, target = found.groups()
        return f"{text} (`{target.removeprefix('../')}`)" if target.startswith("../") else found[0]

    return _LINK.sub(shown, markdown)


def _from_root(text: str) -> str:
    """The README's text with links relative to docs/."""

    def moved(found: re.Match[str]) -> str:
        mark, label, target = found.groups()
        if target.startswith("http"):
            return found[0]
        if target == "outputs/README.md":
            target = "docs/run-folder.md"
        target = target.removeprefix("docs/") if target.startswith("docs/") else f"../{target}"
        return f"{mark}[{label}]({target})"

    return _LINK.sub(moved, text)


def configuration() -> str:
    """The page of all groups, options and keys, with defaults and comments."""
    options = group_options(CONF)
    lines = [
        "# Configuration",
        "",
        "Made from `conf/`. `emotionart config show` tells what a choice amounts to.",
        "",
    ]
    for name, script in (("train", "train.py"), ("sweep", "sweep.py")):
        lines += [f"## Keys of {script}", "", "| key | what it is |", "|---|---|"]
        lines += [f"| `{key}` | {_cell(comment)} |" for key, comment in top_level_keys(name).items()] + [""]
    for group in sorted(options, key=lambda group: (group in SWEEP_GROUPS, group)):
        lines += [f"## {group}", ""]
        for option, description in options[group].items():
            lines += [f"### {group}={option}", "", f"{description}.", ""]
            rows = list(_settings(CONF / group / f"{option}.yaml"))
            lines += ["| setting | default | |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join(lines)


def _settings(file: Path) -> Iterator[str]:
    """Table rows for the lines of a YAML file that set a value."""
    parents: list[tuple[int, str]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        found = re.match(r"(\s*)([\w.]+):\s*(.*?)\s*(?:#\s*(.*))?$", line)
        if not found or found[2] == "defaults":
            continue
        depth = len(found[1])
        parents = [(other, name) for other, name in parents if other < depth]
        name = ".".join([*(name for _, name in parents), found[2]])
        if found[3] or found[4]:
            yield f"| `{name}` | {f'`{_cell(found[3])}`' if found[3] else ''} | {_cell(found[4] or '')} |"
        if not found[3]:
            parents.append((depth, found[2]))


def messages() -> str:
    """The page of all error messages and their fixes, by the package folder that raises them."""
    lines = [
        "# Messages",
        "",
        "What can end a command, made from the code; ⟨…⟩ stands for what differs.",
        "",
    ]
    for room in sorted({file.relative_to(CODE).parts[0] for file in CODE.rglob("*.py")}):
        files = [CODE / room] if room.endswith(".py") else sorted((CODE / room).rglob("*.py"))
        rows = list(dict.fromkeys(row for file in files for row in _raised(file)))
        if rows:
            lines += [f"## {room.removesuffix('.py')}", "", "| message | what to do |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _raised(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS and node.args:
            what = _text(node.args[0])
            fix = next((_text(keyword.value) for keyword in node.keywords if keyword.arg == "fix"), "")
            if what.strip("⟨…⟩ "):
                yield f"| {_cell(what)} | {f'`{_cell(fix)}`' if fix.strip('⟨…⟩ ') else ''} |"


def _text(node: ast.expr) -> str:
    """The text of an expression, with ⟨name⟩ for values that are only known at run time."""
    if isinstance(node, ast.Constant):
        return str(node.value or "")
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name | ast.Attribute):
        return f"⟨{ast.unparse(node.value).rpartition('.')[2]}⟩"
    if isinstance(node, ast.IfExp):
        return _text(node.body) or _text(node.orelse)
    return "⟨…⟩"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
