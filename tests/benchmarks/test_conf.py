import dataclasses
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.errors import ConfigCompositionException
from omegaconf.errors import OmegaConfBaseException

from benchmarks.command_line import CONF
from benchmarks.config import (
    Autocast,
    CellConfig,
    CheckOfficialConfig,
    CompareConfig,
    DoctorConfig,
    EnduranceConfig,
    FetchConfig,
    Layout,
    MaskArchiveConfig,
    MergeConfig,
    PageConfig,
    PassConfig,
    RerunConfig,
    ScalingConfig,
    ScoreConfig,
    SheetConfig,
    SpeedConfig,
    Submission,
    SubmitConfig,
    TrainConfig,
    to_config,
    to_model_config,
)
from benchmarks.errors import InputError
from evaluators import ScoringProtocol
from xmem import MemoryConfig
from xmem.shipped import TINY

Compose = Callable[..., Any]

OPTIONS = sorted(path.relative_to(CONF).with_suffix("") for path in CONF.glob("*/*.yaml"))
PARTS = [option for option in OPTIONS if option.parent.name != "experiment"]
GROUPS = sorted({option.parent.name for option in OPTIONS})


# What each entry point is made of, and the values that only its user can give.
ENTRY_POINTS: dict[str, tuple[type, list[str]]] = {
    "run": (CellConfig, []),
    "endurance": (EnduranceConfig, []),
    "scaling": (ScalingConfig, []),
    "merge": (MergeConfig, ["runs=[somewhere,elsewhere]"]),
    "score": (ScoreConfig, ["masks=somewhere"]),
    "check_official": (CheckOfficialConfig, []),
    "compare": (CompareConfig, ["masks=somewhere", "other=elsewhere"]),
    "archive": (MaskArchiveConfig, ["masks=somewhere", "output=masks.json"]),
    "fetch": (FetchConfig, []),
    "rerun": (RerunConfig, ["run=somewhere"]),
    "sheet": (SheetConfig, ["run=somewhere"]),
    "page": (PageConfig, []),
    "speed": (SpeedConfig, []),
    "submit": (SubmitConfig, []),
    "doctor": (DoctorConfig, []),
    "train": (TrainConfig, []),
}


def test_conf_holds_nothing_but_entry_points_and_groups_of_options() -> None:
    files = {path.relative_to(CONF) for path in CONF.rglob("*") if path.is_file()}
    entry_points = {Path(f"{name}.yaml") for name in ENTRY_POINTS}
    assert files == {option.with_suffix(".yaml") for option in OPTIONS} | entry_points
    assert {path.name for path in CONF.iterdir() if path.is_dir()} == set(GROUPS)
    assert [name for name in ENTRY_POINTS if not (CONF.parent / "benchmarks" / f"{name}.py").exists()] == []


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_entry_point_composes_with_its_defaults(compose: Compose, name: str) -> None:
    kind, required = ENTRY_POINTS[name]
    config = to_config(compose(name, *required), kind)
    assert type(config) is kind
    for override in required:
        with pytest.raises(OmegaConfBaseException, match=f"Missing mandatory value: {override.split('=')[0]}"):
            to_config(compose(name, *(other for other in required if other != override)), kind)


def called(part: object, option: Path) -> str:
    """The name that stands in tables and run folders: it must be the one that is typed, or say more than that."""
    name = getattr(part, "name", option.name)
    return str(option.name if option in SAY_MORE else name)


# `paper` is a size that depends on the dataset; `multi_scale` is called by its passes.
SAY_MORE = {Path("resolution/paper"), Path("resolution/multi_scale")}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_group_of_an_entry_point_takes_all_of_its_options(compose: Compose, name: str) -> None:
    kind, required = ENTRY_POINTS[name]
    for option in OPTIONS:
        if option.parent.name in kind.__dataclass_fields__ and (name, option.name) != ("merge", "paper"):
            config = to_config(compose(name, *required, f"{option.parent}={option.name}"), kind)
            assert called(getattr(config, option.parent.name), option) == option.name


def test_every_group_is_a_part_of_a_cell(compose: Compose) -> None:
    parts = to_config(compose("run"), CellConfig)
    assert [group for group in GROUPS if not hasattr(parts, group)] == ["experiment"]


@pytest.mark.parametrize("option", PARTS, ids=str)
def test_every_option_composes_into_a_cell(compose: Compose, option: Path) -> None:
    config = to_config(compose("run", f"{option.parent}={option.name}"), CellConfig)
    assert called(getattr(config, option.parent.name), option) == option.name
    if option.parent.name == "variant":
        to_model_config(config.variant.untrained)


def test_the_default_cell_is_the_published_one(compose: Compose) -> None:
    config = to_config(compose("run"), CellConfig)
    assert (config.variant.name, config.variant.checkpoints) == ("xmem", ("XMem.pth",))
    assert (config.dataset.layout, config.dataset.scoring) == (Layout.DAVIS_2017, ScoringProtocol.DAVIS_2017)
    assert (config.precision.autocast, config.precision.tf32) == (None, False)
    assert config.resolution.size == 480
    assert config.memory == MemoryConfig()
    assert config.sequences is None


# The protocol of each dataset: layout, folder, scoring, shorter side, r, server, and its sequences, frames and objects.
PROTOCOLS: dict[str, tuple[object, ...]] = {
    "davis16_val": (Layout.DAVIS_2016, "DAVIS", ScoringProtocol.DAVIS_2016, 480, 5, None, (20, 1376, 20)),
    "davis17_val": (Layout.DAVIS_2017, "DAVIS", ScoringProtocol.DAVIS_2017, 480, 5, None, (30, 1999, 61)),
    "davis17_test_dev": (
        Layout.DAVIS_2017_TEST_DEV,
        "DAVIS",
        ScoringProtocol.DAVIS_2017,
        480,
        5,
        Submission.DAVIS,
        (30, 2086, 89),
    ),
    **{
        f"youtube{year}_val{ending}": (
            layout,
            root,
            ScoringProtocol.YOUTUBE_VOS,
            480,
            5,
            Submission.YOUTUBE_VOS,
            (videos, None, None),
        )
        for year, root, videos in (("18", "YouTube2018", 474), ("19", "YouTube", 507))
        for ending, layout in (("", Layout.YOUTUBE_VOS), ("_sparse", Layout.YOUTUBE_VOS_SPARSE))
    },
    "long_video": (Layout.LONG_VIDEO, "long_video_set", ScoringProtocol.DAVIS_2017, None, 10, None, (3, None, None)),
    "long_video_x3": (
        Layout.LONG_VIDEO_X3,
        "long_video_set",
        ScoringProtocol.DAVIS_2017,
        None,
        10,
        None,
        (3, None, None),
    ),
    "folder": (Layout.FOLDER, ".", ScoringProtocol.FIRST_APPEARANCE, 480, 5, None, (None, None, None)),
    "demo": (Layout.DEMO, "demo", ScoringProtocol.FIRST_APPEARANCE, 224, 5, None, (None, None, None)),
}


def test_every_dataset_has_its_protocol() -> None:
    assert {option.name for option in OPTIONS if option.parent.name == "dataset"} == set(PROTOCOLS)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_dataset_is_read_run_and_scored_as_its_protocol_says(compose: Compose, name: str) -> None:
    cell = to_config(compose("run", f"dataset={name}"), CellConfig)
    dataset, counts = cell.dataset, cell.dataset.counts
    assert (
        dataset.layout,
        dataset.root,
        dataset.scoring,
        cell.resolution.size,
        cell.memory.memorise_every,
        dataset.submission,
        (counts.sequences, counts.frames, counts.objects),
    ) == PROTOCOLS[name]


@pytest.mark.parametrize(
    ("variant", "file"),
    [
        ("xmem", "XMem.pth"),
        ("xmem_s012", "XMem-s012.pth"),
        ("xmem_s2", "XMem-s2.pth"),
        ("xmem_no_sensory", "XMem-no-sensory.pth"),
    ],
)
def test_a_published_variant_is_its_file_of_the_release(compose: Compose, variant: str, file: str) -> None:
    config = to_config(compose("run", f"variant={variant}"), CellConfig).variant
    assert (config.checkpoints, config.released, config.untrained) == ((file,), (file,), {})
    assert config.source == "https://github.com/hkchengrex/XMem/releases/download/v1.0"
    assert not config.shipped


def test_the_small_variant_is_the_network_that_the_library_loads(compose: Compose) -> None:
    config = to_config(compose("run", "variant=xmem_tiny"), CellConfig).variant
    assert (config.checkpoints, config.shipped, config.released, config.untrained) == ((TINY,), True, (), {})


def test_the_demo_is_of_the_small_variant() -> None:
    command = ["make", "--dry-run", "demo"]
    printed = subprocess.run(command, cwd=CONF.parent, check=True, capture_output=True, text=True).stdout
    assert "-m benchmarks.run variant=xmem_tiny dataset=demo\n" in printed


@pytest.mark.parametrize(
    ("overrides", "read", "expected"),
    [
        (["precision=amp"], lambda c: c.precision.autocast, Autocast.FLOAT16),
        (["precision=bf16"], lambda c: c.precision.autocast, Autocast.BFLOAT16),
        (["resolution=native"], lambda c: c.resolution.size, None),
        (["memory=no_long_term"], lambda c: c.memory.long_term, False),
        (["memory.deep_update_every=3"], lambda c: c.memory.deep_update_every, 3),
        (["sequences=[dog,cow]"], lambda c: c.sequences, ("dog", "cow")),
        (["precision=tf32"], lambda c: (c.precision.tf32, c.precision.autocast), (True, None)),
        (["resolution=600p"], lambda c: c.resolution.size, 600),
        (["resolution=720p"], lambda c: c.resolution.each_pass, (PassConfig(size=720),)),
        (["resolution=native"], lambda c: c.resolution.name, "native"),
        (["resolution.size=512"], lambda c: c.resolution.name, "512p"),
        (["resolution=multi_scale"], lambda c: c.resolution.name, "720p+720p_flip"),
        (
            ["resolution=multi_scale"],
            lambda c: c.resolution.each_pass,
            (PassConfig(size=720, flip=False), PassConfig(size=720, flip=True)),
        ),
        (["dataset=long_video"], lambda c: (c.resolution.name, c.memory.memorise_every), ("native", 10)),
        (["dataset=long_video_x3"], lambda c: (c.resolution.name, c.memory.memorise_every), ("native", 10)),
        (["dataset=long_video", "resolution=480p"], lambda c: c.resolution.name, "480p"),
        (["dataset=long_video", "memory=no_long_term"], lambda c: c.memory.memorise_every, 10),
        (["dataset=long_video", "memory.memorise_every=5"], lambda c: c.memory.memorise_every, 5),
        (["variant.checkpoints=[a.pth,b.pth]"], lambda c: c.variant.checkpoints, ("a.pth", "b.pth")),
        (["dataset=davis16_val"], lambda c: c.dataset.scoring, ScoringProtocol.DAVIS_2016),
        (["dataset=folder"], lambda c: c.dataset.scoring, ScoringProtocol.FIRST_APPEARANCE),
    ],
)
def test_what_is_chosen_arrives(
    compose: Compose, overrides: list[str], read: Callable[[CellConfig], object], expected: object
) -> None:
    assert read(to_config(compose("run", *overrides), CellConfig)) == expected


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_a_mistyped_key_in_any_option_file_fails_as_it_is_composed(
    compose: Compose, tmp_path: Path, option: Path
) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(CONF, conf)
    with (conf / option).with_suffix(".yaml").open("a") as file:
        file.write("\nnmae: typo\n")
    with pytest.raises((ConfigCompositionException, OmegaConfBaseException), match="nmae"):
        compose("run", f"{option.parent}={option.name}", folder=conf)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_mistyped_key_in_an_entry_points_file_fails_as_it_is_composed(
    compose: Compose, tmp_path: Path, name: str
) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(CONF, conf)
    file = conf / f"{name}.yaml"
    file.write_text(file.read_text() + "\nthredas: 3\n")
    with pytest.raises((ConfigCompositionException, OmegaConfBaseException), match="thredas"):
        compose(name, folder=conf)


@pytest.mark.parametrize("key", ["colour", "variant.colour", "memory.colour"])
def test_a_key_that_was_forced_past_the_schema_is_refused_all_the_same(compose: Compose, key: str) -> None:
    with pytest.raises(InputError, match=f"expected keys of CellConfig, found {key}$"):
        to_config(compose("run", f"+{key}=3"), CellConfig)


def test_sizes_of_an_untrained_network_are_free_in_number_but_not_in_name_or_range() -> None:
    assert to_model_config({"key_dim": 8}).key_dim == 8
    with pytest.raises(InputError, match=r"variant\.untrained, found \['key_dmi'\]"):
        to_model_config({"key_dmi": 8})
    with pytest.raises(InputError, match=r"variant\.untrained: Expected `int`, got `str`"):
        to_model_config({"key_dim": "8"})
    with pytest.raises(InputError, match="expected every width"):
        to_model_config({"key_dim": 0})


def test_the_name_of_a_cell_tells_what_was_chosen_and_of_memory_what_is_unusual_for_the_dataset(
    compose: Compose,
) -> None:
    def name(*overrides: str) -> str:
        return to_config(compose("run", *overrides), CellConfig).name

    assert name() == "xmem-fp32-480p"
    assert name("variant=xmem_s2", "precision=bf16", "resolution=native") == "xmem_s2-bf16-native"
    assert name("dataset=long_video") == "xmem-fp32-native"
    assert name("dataset=long_video", "memory.memorise_every=5") == "xmem-fp32-native-memorise_every_5"
    assert name("memory=no_long_term", "memory.top_k=20") == "xmem-fp32-480p-top_k_20-long_term_False"


# Of each experiment the cells it is a sweep over, beside the dataset.
EXPERIMENTS: dict[str, tuple[str, list[str]]] = {
    "davis16": (
        "davis16_val",
        [f"{v}-{p}-480p" for v in ("xmem", "xmem_s012", "xmem_s2") for p in ("fp32", "amp")],
    ),
    "davis17": (
        "davis17_val",
        [f"{v}-{p}-480p" for v in ("xmem", "xmem_s012", "xmem_s2", "xmem_no_sensory") for p in ("fp32", "amp")],
    ),
    "davis17_test_dev": ("davis17_test_dev", [f"{v}-fp32-480p" for v in ("xmem", "xmem_s012", "xmem_s2")]),
    "davis17_test_dev_600p": ("davis17_test_dev", ["xmem_s012-fp32-600p"]),
    "youtube18": (
        "youtube18_val",
        [f"{v}-{p}-480p" for v in ("xmem", "xmem_s012", "xmem_s2", "xmem_no_sensory") for p in ("fp32", "amp")],
    ),
    "youtube19": ("youtube19_val", [f"{v}-fp32-480p" for v in ("xmem", "xmem_s012", "xmem_s2")]),
    "long_video": ("long_video long_video_x3", ["xmem-fp32-native", "xmem-fp32-native"]),
    "multi_scale": (
        "davis16_val davis17_val",
        [f"{v}-fp32-720p+720p_flip-memorise_every_3" for v in ("xmem", "xmem_s012") for _ in ("16", "17")],
    ),
}


def test_every_published_table_has_its_experiment() -> None:
    assert {option.name for option in OPTIONS if option.parent.name == "experiment"} == set(EXPERIMENTS)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_an_experiment_is_a_sweep_over_the_cells_of_its_table(compose: Compose, experiment: str) -> None:
    datasets, names = EXPERIMENTS[experiment]
    composed = compose("run", f"experiment={experiment}", hydra=True)
    swept = dict(composed.hydra.sweeper.params or {})
    choices = itertools.product(*([f"{key}={value}" for value in swept[key].split(",")] for key in swept))
    cells = [to_config(compose("run", f"experiment={experiment}", *chosen), CellConfig) for chosen in choices]
    assert sorted(cell.name for cell in cells) == sorted(names)
    assert sorted({cell.dataset.name for cell in cells}) == datasets.split()


ARCHIVES = {
    "davis16_val": ("DAVIS/2016", ["DAVIS-data"]),
    "davis17_val": ("DAVIS/2017/trainval", ["DAVIS-2017-trainval-480p", "DAVIS-2017-trainval-Full-Resolution"]),
    "davis17_test_dev": ("DAVIS/2017/test-dev", ["DAVIS-2017-test-dev-480p", "DAVIS-2017-test-dev-Full-Resolution"]),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_unpacked_to_where_its_dataset_is_looked_for(compose: Compose, name: str) -> None:
    archives = to_config(compose("run", f"dataset={name}"), CellConfig).dataset.archives
    target, files = ARCHIVES[name]
    assert {(one.root, one.target) for one in archives} == {("DAVIS", target)}
    assert [Path(one.url).stem for one in archives] == files
    assert [one.full_resolution for one in archives] == [file.endswith("Full-Resolution") for file in files]


TARGETS = {
    "reproduce-davis16": "davis16",
    "reproduce-davis17": "davis17",
    "reproduce-davis17-test-dev": "davis17_test_dev davis17_test_dev_600p",
    "reproduce-youtube18": "youtube18",
    "reproduce-youtube19": "youtube19",
    "reproduce-long-video": "long_video",
    "reproduce-multi-scale": "multi_scale",
    "reproduce-all": " ".join(sorted(EXPERIMENTS)),
}


def test_every_published_table_has_a_target_that_runs_its_experiments() -> None:
    command = ["make", "--dry-run", *TARGETS]
    printed = subprocess.run(command, cwd=CONF.parent, check=True, capture_output=True, text=True).stdout
    assert re.findall(r"for experiment in ([^;]*);", printed) == list(TARGETS.values())


def test_an_optional_part_is_none_unless_it_was_chosen_and_then_whole(compose: Compose) -> None:
    assert to_config(compose("doctor"), DoctorConfig).dataset is None
    chosen = to_config(compose("doctor", "dataset=davis16_val", "dataset.counts.frames=3"), DoctorConfig).dataset
    assert chosen is not None
    assert (chosen.layout, chosen.counts.frames) == (Layout.DAVIS_2016, 3)
    with pytest.raises(OmegaConfBaseException, match=r"Missing mandatory value: name"):
        to_config(compose("doctor", "dataset.size=720"), DoctorConfig)
    with pytest.raises(InputError, match=r"expected keys of DoctorConfig, found dataset\.colour$"):
        to_config(compose("doctor", "dataset=davis16_val", "+dataset.colour=3"), DoctorConfig)


def test_training_is_by_default_what_its_dataclass_says(compose: Compose) -> None:
    assert to_config(compose("train"), TrainConfig) == TrainConfig()


def test_one_size_of_a_trained_network_leaves_the_others(compose: Compose) -> None:
    config = to_config(compose("train", "training.model.key_dim=16"), TrainConfig)
    assert config.training.model == dataclasses.replace(TrainConfig().training.model, key_dim=16)
