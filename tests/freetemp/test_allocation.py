"""glibc's heaps in a process of many threads, as glibc itself counts them."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
if sys.argv[1] == "set":
    from freetemp.serving.allocation import give_back_memory
    give_back_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(4)
def work():
    together.wait()
    libc.malloc(50_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these heaps")
def test_all_threads_share_one_heap():
    def heaps(how):
        done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
        return done.stdout.count("<heap nr=")

    assert heaps("set") == 1
    assert heaps("as it is") > 1
