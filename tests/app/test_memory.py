import subprocess
import sys

COUNT = """
import gc
from bot import app
loaded = len(gc.get_objects())
app.freeze_loaded()
print(loaded, gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_what_is_loaded_for_good_is_walked_through_no_more() -> None:
    printed = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, check=True)
    loaded, frozen, walked = map(int, printed.stdout.split())
    assert frozen > loaded * 0.8
    assert walked < loaded * 0.01
