"""From composed YAML to dataclasses: the only place where one becomes the other."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args

import msgspec
from hydra import compose
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from benchmarks.config.cell import CellConfig
from benchmarks.config.commands import (
    CheckOfficialConfig,
    CompareConfig,
    DoctorConfig,
    FetchConfig,
    MaskArchiveConfig,
    MergeConfig,
    PageConfig,
    RerunConfig,
    ScoreConfig,
    SheetConfig,
    SubmitConfig,
    TrainConfig,
)
from benchmarks.config.measurements import EnduranceConfig, ScalingConfig, SpeedConfig
from benchmarks.errors import InputError
from xmem.config import ModelConfig

Config = TypeVar("Config")


# By the name of the entry point, which is that of its YAML too: what it is told.
ENTRY_POINTS: Mapping[str, type[Any]] = {
    "run": CellConfig,
    "merge": MergeConfig,
    "rerun": RerunConfig,
    "score": ScoreConfig,
    "compare": CompareConfig,
    "check_official": CheckOfficialConfig,
    "archive": MaskArchiveConfig,
    "submit": SubmitConfig,
    "fetch": FetchConfig,
    "doctor": DoctorConfig,
    "sheet": SheetConfig,
    "page": PageConfig,
    "speed": SpeedConfig,
    "endurance": EnduranceConfig,
    "scaling": ScalingConfig,
    "train": TrainConfig,
}


def register_schema(name: str) -> None:
    """Tell Hydra the types of an entry point: an unknown key or a value of a wrong type fails as YAML is composed."""
    ConfigStore.instance().store(name=f"{name}_schema", node=_schema(ENTRY_POINTS[name]))


def to_config(composed: DictConfig, kind: type[Config]) -> Config:
    """The composed YAML as a frozen dataclass.

    Raises:
        InputError: a key is unknown, or a value is missing, of a wrong type or out of range.
    """
    values = OmegaConf.to_container(_without_unchosen(composed, kind), resolve=True, throw_on_missing=True)
    if unknown := _unknown_keys(values, kind):
        raise InputError(f"configuration: expected keys of {kind.__name__}, found {', '.join(unknown)}")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"configuration: {error}") from error


def to_plain(config: CellConfig) -> dict[str, Any]:
    """The configuration as it will be read back from a record: dicts, lists, text and numbers."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(config))
    return plain


def compose_options(config_name: str, group: str, kind: type[Config]) -> list[Config]:
    """The configuration of the entry point that Hydra is running, with each option of a group in turn."""
    options = GlobalHydra.instance().config_loader().get_group_options(group)
    return [to_config(compose(config_name, [f"{group}={option}"]), kind) for option in options]


def compose_cell(*overrides: str) -> CellConfig:
    """The cell that `benchmarks.run` would be given, while Hydra is running another entry point."""
    register_schema("run")
    return to_config(compose("run", list(overrides)), CellConfig)


def to_model_config(sizes: dict[str, Any]) -> ModelConfig:
    """The sizes of an untrained variant.

    Raises:
        InputError: a size is unknown, of a wrong type or out of range.
    """
    unknown = sorted(set(sizes) - {size.name for size in fields(ModelConfig)})
    if unknown:
        raise InputError(f"configuration: expected sizes of xmem.ModelConfig in variant.untrained, found {unknown}")
    try:
        return msgspec.convert(sizes, ModelConfig)
    except msgspec.ValidationError as error:
        raise InputError(f"configuration: variant.untrained: {error}") from error


def _unknown_keys(values: Any, kind: Any) -> list[str]:
    """Keys that the dataclass does not have: `+key=value` gets them past the schema, and msgspec would drop them."""
    if not (isinstance(values, dict) and is_dataclass(kind)):
        return []
    parts = {part.name: _nested(part.type) or part.type for part in fields(kind)}
    unknown = [str(key) for key in values if key not in parts]
    nested = [f"{name}.{key}" for name in parts.keys() & values for key in _unknown_keys(values[name], parts[name])]
    return unknown + sorted(nested)


def _schema(kind: type[Any], default: Any = None) -> DictConfig:
    """The dataclass as a typed tree that can still be written to (a frozen dataclass makes it read-only).

    Args:
        kind: the dataclass.
        default: one of its kind, whose values hold where nothing else is said; None takes those of the class.
    """
    tree: DictConfig = OmegaConf.structured(kind if default is None else default)
    OmegaConf.set_readonly(tree, None)
    for part in fields(kind):
        if (nested := _nested(part.type)) is not None:
            tree[part.name] = _schema(nested, _default(part) if default is None else getattr(default, part.name))
    return tree


def _default(part: "Field[Any]") -> Any:
    """What a part is where nothing is said; None where that must be said, or is nothing."""
    if part.default_factory is not MISSING:
        return part.default_factory()
    return None if part.default is MISSING else part.default


def _nested(annotation: Any) -> type[Any] | None:
    """The dataclass that a part is, or may be where it is optional; None for a plain value."""
    candidates = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return next((one for one in candidates if isinstance(one, type) and is_dataclass(one)), None)


def _without_unchosen(composed: DictConfig, kind: Any) -> DictConfig:
    """The composed YAML with None for each optional part of which nothing was said.

    OmegaConf fills in no optional frozen dataclass, so the schema holds it in full, every mandatory value missing.
    """
    chosen = composed.copy()
    for part in fields(kind):
        nested = _nested(part.type) if isinstance(part.type, UnionType) else None
        if nested is not None and composed[part.name] == _schema(nested):
            chosen[part.name] = None
    return chosen
