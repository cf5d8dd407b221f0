"""Says by its exit code whether the server answers."""

import os
import urllib.request

if __name__ == "__main__":
    urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/", timeout=2)
