"""The generator of synthetic films: ``python -m core generate --help``."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.data.labels import Label
from core.evaluation.generator.gallery import make_gallery
from core.evaluation.generator.measure import measure
from core.messages.errors import ReadingRoomError
from core.models.generator.generator import GENERATOR_FOLDER, load_generator
from core.models.generator.picture import marked, png_file
from core.training.generator.drawn_films import draw_films
from core.training.generator.train import GeneratorConfig, train_generator


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core generate",
        description="Synthetic chest films: train the generator, draw films, measure them, and "
        "choose the gallery. It is trained on films of the official training folder alone, "
        "without those that the command train holds out.",
    )
    commands = options.add_subparsers(dest="command", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    add_folders(shared, "data", "results")
    shared.add_argument("--weights", type=Path, default=GENERATOR_FOLDER, help="where it ships")
    shared.add_argument("--seed", type=int, default=0, help="random seed")

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[shared],
            help=words,
            description=words,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )

    train = command("train", "train and ship it; the same command goes on where it stopped")
    train.add_argument("--version", required=True, help="of the weights")
    for setting in fields(GeneratorConfig):
        if setting.name != "seed":
            train.add_argument(
                "--" + setting.name.replace("_", "-"),
                type=type(setting.default),
                default=setting.default,
                help=setting.metadata["meaning"],
            )
    sample = command("sample", "draw films of 512 px, each with a mark that says what it is")
    sample.add_argument("--class", dest="label", choices=("normal", "pneumonia"), required=True)
    sample.add_argument("--count", type=int, default=16, help="how many")
    sample.add_argument("--out", type=Path, required=True, help="folder for the PNG files")
    measured = command("measure", "measure likeness and memorisation against held-out films")
    measured.add_argument("--most", type=int, default=1000, help="films of a class at most")
    gallery = command("gallery", "choose the films that ship")
    gallery.add_argument("--each", type=int, default=6, help="films of a class")
    films = command("films", "draw the films that the study of synthetic films trains on")
    films.add_argument("--share", type=float, default=2, help="of each class's training films")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where it cannot be done."""
    options = parser().parse_args(arguments)
    try:
        COMMANDS[options.command](options)
    except (ReadingRoomError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        return 1
    return 0


def _train(options: argparse.Namespace) -> None:
    settings = {setting.name: getattr(options, setting.name) for setting in fields(GeneratorConfig)}
    try:
        config = GeneratorConfig(**settings)
    except ValueError as error:
        parser().error(str(error))
    card = train_generator(
        required(options.data), options.version, config, options.results, options.weights
    )
    print(f"generator {card.version}, sha256 {card.sha256}, is in {options.weights}")


def _sample(options: argparse.Namespace) -> None:
    card, generator = load_generator(options.weights)
    label = Label(options.label.upper())
    options.out.mkdir(parents=True, exist_ok=True)
    numbers = range(options.count)
    films = generator.draw(label, numbers, options.seed, card.steps, card.guidance)
    for number, film in zip(numbers, films, strict=True):
        file = options.out / f"{options.label}-{options.seed}-{number}.png"
        file.write_bytes(png_file(marked(film)))
    print(f"{len(films)} films are in {options.out}")


def _measure(options: argparse.Namespace) -> None:
    content = measure(
        required(options.data), options.results, options.weights, options.most, options.seed
    )
    print(json.dumps({part: content[part] for part in ("likeness", "memorisation")}, indent=2))


def _gallery(options: argparse.Namespace) -> None:
    content = make_gallery(
        required(options.data), options.results, options.weights, options.each, options.seed
    )
    print(json.dumps(content["candidates"], indent=2))


def _films(options: argparse.Namespace) -> None:
    folder = draw_films(
        required(options.data), options.results, options.weights, options.share, options.seed
    )
    print(f"The films are in {folder}")


COMMANDS = {
    "train": _train,
    "sample": _sample,
    "measure": _measure,
    "gallery": _gallery,
    "films": _films,
}
