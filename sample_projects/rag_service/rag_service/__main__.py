"""The commands of the service: index, serve."""

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="rag_service", description="Answers questions from a handbook.")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("index", help="make the model and the index of the documents")
    make.add_argument("--documents", type=Path, default=Path("documents"))
    make.add_argument("--index", type=Path, default=Path("index"))
    serve = commands.add_parser("serve", help="answer requests until SIGTERM")
    serve.add_argument("--index", type=Path, default=Path("index"))
    serve.add_argument("--host", default="0.0.0.0")
    serve.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if options.command == "index":
        from rag_service.model import make as make_index

        print(make_index(options.documents, options.index), "passages")
    else:
        from rag_service.server import serve as answer

        answer(options.index, options.host, options.port)


if __name__ == "__main__":
    main()
