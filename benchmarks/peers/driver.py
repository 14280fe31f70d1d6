"""Submits to a peer and counts its results, in the peer's environment, with the folder of its app on the path.

It reads commands, one JSON array a line, from its standard input, and answers each with a line of JSON.
"""

import importlib
import json
import sys


def main() -> None:
    """Obey until the input ends."""
    app = importlib.import_module("app")
    for line in sys.stdin:
        command, *numbers = json.loads(line)
        match command:
            case "prepare":
                answer = app.prepare() if hasattr(app, "prepare") else None
            case "submit":
                answer = app.submit(range(*numbers))
            case "at_most":  # where counting is cheap, a bound would be no cheaper
                answer = getattr(app, "at_most", app.recorded)()
            case "recorded":
                answer = app.recorded()
            case "results":
                answer = app.results()
            case _:
                raise ValueError(f"{command!r} is no command")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
