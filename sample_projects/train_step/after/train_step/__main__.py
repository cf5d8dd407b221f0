"""The commands: make the records, train on them."""

import argparse
from pathlib import Path

from train_step import records, training


def main() -> None:
    parser = argparse.ArgumentParser(prog="train_step", description="Trains a small classifier of glyphs.")
    commands = parser.add_subparsers(dest="command", required=True)

    make = commands.add_parser("make", help="write the records to train on")
    make.add_argument("--records", type=Path, default=Path("glyphs.csv"))
    make.add_argument("--count", type=int, default=2048)

    train = commands.add_parser("train", help="train, and say how each epoch went")
    train.add_argument("--records", type=Path, default=Path("glyphs.csv"))
    train.add_argument("--epochs", type=int, default=40)
    train.add_argument("--backend", choices=("auto", "numpy", "torch"), default="auto")

    options = parser.parse_args()
    if options.command == "make":
        records.make(options.records, options.count)
    else:
        training.train(options.records, options.epochs, options.backend)


if __name__ == "__main__":
    main()
