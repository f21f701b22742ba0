"""What `--help` prints: what the module of an entry point says, and every option with what its dataclass says."""

import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

NAMES = 22  # columns that are kept for names of options
WIDTH = 110

ARGUMENT = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)

FOOTER = """\
With nothing after its `=`, an option is left out (null, None). A choice can be changed in part, too:
`memory.top_k=20`; `--cfg job` prints the whole configuration. A value with blanks needs quotes inside quotes."""


def usage(config_name: str, kind: type[Any], *, about: str, conf: Path) -> str:
    """The text.

    Args:
        config_name: of the entry point.
        kind: the dataclass of its options.
        about: what its module says of itself.
        conf: the folder of all configurations, where each group of choices is a folder.
    """
    rows = [_row(option, meaning) for option, meaning in _options(kind, _groups(config_name, conf), conf)]
    return "\n".join([about.strip(), "", "Options:", *rows, "", FOOTER])


def _options(kind: type[Any], groups: Mapping[str, str | None], conf: Path) -> Iterator[tuple[str, str]]:
    """Every option with its default, and what it means."""
    meanings = _meanings(kind)
    for part in fields(kind):
        meaning, default = meanings.get(part.name, ""), _default(part)
        if part.name in groups:
            yield f"{part.name}={groups[part.name] or ''}", f"{meaning} One of {_choices(conf / part.name)}."
        elif is_dataclass(default):
            yield from _parts(part.name, default)
        else:
            yield f"{part.name}={_text(default)}", meaning
    for name in groups.keys() - {part.name for part in fields(kind)}:
        yield f"{name}=", f"what to sweep over, with -m. One of {_choices(conf / name)}."


def _parts(name: str, default: Any) -> Iterator[tuple[str, str]]:
    """The options of a dataclass within another, however deep."""
    meanings = _meanings(type(default))
    for part in fields(default):
        value = getattr(default, part.name)
        if is_dataclass(value):
            yield from _parts(f"{name}.{part.name}", value)
        else:
            yield f"{name}.{part.name}={_text(value)}", meanings.get(part.name, "")


def _row(option: str, meaning: str) -> str:
    wrapped = textwrap.wrap(meaning, WIDTH - NAMES - 4) or [""]
    head = f"  {option:{NAMES}}  " if len(option) <= NAMES else f"  {option}\n{' ' * (NAMES + 4)}"
    return f"\n{' ' * (NAMES + 4)}".join([head + wrapped[0], *wrapped[1:]]).rstrip()


def _groups(config_name: str, conf: Path) -> dict[str, str | None]:
    """Groups of choices that the entry point has, with what is chosen of each where nothing is said."""
    defaults = OmegaConf.load(conf / f"{config_name}.yaml").defaults
    chosen = {
        str(name): option for entry in defaults if isinstance(entry, DictConfig) for name, option in entry.items()
    }
    return {name: option for name, option in chosen.items() if (conf / name).is_dir()}


def _choices(folder: Path) -> str:
    return ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))


def _meanings(kind: type[Any]) -> dict[str, str]:
    """What the docstring says of each field."""
    described = inspect.getdoc(kind) or ""
    return {one["name"]: " ".join(one["text"].split()) for one in ARGUMENT.finditer(described)}


def _default(part: "Field[Any]") -> Any:
    if part.default is not MISSING:
        return part.default
    return None if part.default_factory is MISSING else part.default_factory()


def _text(value: Any) -> str:
    """As it is typed on a command line."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case (first, *_) if is_dataclass(first):
            return "[...]"
        case tuple():
            return f"[{','.join(map(str, value))}]"
    return str(value)
