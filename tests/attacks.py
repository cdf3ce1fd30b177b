"""Cells that do not solve their exercise, and try to pass, to break out, or to take others along. Data, no code to run.

`ATTACKS[name] = (exercise of the fake course, cell)`; `HOME` and `REPO` stand for the paths of the canaries.
"""

from __future__ import annotations

LOOK = """
import gc, sys
seen = []
for thing in gc.get_objects():
    try:
        text = thing if isinstance(thing, str) else repr(thing) if isinstance(thing, (list, tuple, dict)) else ""
    except BaseException:
        continue
    if "x * 2" in text or "torch.add(x" in text:
        seen.append(text)
"""
ATTACKS: dict[str, tuple[str, str]] = {
    # never ending, too much
    "endless loop": ("01.01", "while True:\n    pass"),
    "sleep": ("01.02", "import time\ntime.sleep(1000)"),
    "loop that catches all": (
        "00.01",
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    ),
    "ignored signals": (
        "00.02",
        "import signal, time\nfor n in range(1, 65):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\nwhile True:\n    time.sleep(0.01)",
    ),
    "fork bomb": ("01.01", "import os\nwhile True:\n    os.fork()"),
    "thread bomb": (
        "01.02",
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(1000,)).start()",
    ),
    "memory bomb": ("01.01", "kept = []\nwhile True:\n    kept.append(bytearray(1 << 28))"),
    "huge tensor": ("01.01", "doubled = torch.ones(1 << 40)"),
    "tensor that claims to be huge": ("01.01", "doubled = torch.ones(1).expand(1 << 33)"),
    "large result": ("01.01", "doubled = torch.ones(3000, 4000)"),
    "disk bomb": (
        "01.02",
        "with open('/tmp/bomb', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))",
    ),
    "file bomb": ("01.02", "n = 0\nwhile True:\n    n += 1\n    open(f'/tmp/{n}', 'w').close()"),
    "flood of output": (
        "01.01",
        "import os\nfor _ in range(500):\n    print('a' * 100_000)\n    os.write(1, b'b' * 100_000)",
    ),
    "recursion": (
        "01.02",
        "def total(values):\n    return total(values)\nimport sys\nsys.setrecursionlimit(1 << 30)\ntotal([])",
    ),
    "deep syntax": ("00.01", "length = " + "(" * 5000 + "1" + ")" * 5000),
    "deep value": ("00.01", "length = []\nfor _ in range(100000):\n    length = [length]"),
    "large number": ("00.01", "length = 10 ** 10 ** 8"),
    # ends
    "sys.exit": ("01.01", "import sys\nsys.exit(0)"),
    "os._exit": ("01.01", "import os\nos._exit(0)"),
    "abort": ("01.02", "import os\nos.abort()"),
    "crash": ("00.01", "import ctypes\nctypes.string_at(0)"),
    "kill itself": ("00.02", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "kill the parent": ("01.01", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"),
    "kill everybody": (
        "01.02",
        "import os, signal\nfor pid in (-1, 0, -os.getpgrp(), *range(1, 300)):\n    if pid != os.getpid():\n"
        "        try:\n            os.kill(pid, signal.SIGKILL)\n        except OSError:\n            pass",
    ),
    "signal by file owner": (
        "00.01",
        "import fcntl, os, signal\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, os.getppid())\n"
        "fcntl.fcntl(r, 10, signal.SIGKILL)\nfcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\nos.write(w, b'x')",
    ),
    "starve the parent": (
        "00.02",
        "import resource, os\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))",
    ),
    # children and what is left behind
    "daemon child": (
        "01.01",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)",
    ),
    "program": (
        "01.02",
        "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)\ntotal = sum and 3",
    ),
    "thread that lives on": (
        "00.01",
        "import threading, time\n\ndef stay():\n    while True:\n        time.sleep(1)\n\n"
        "threading.Thread(target=stay).start()\nlength = 0",
    ),
    "at exit": ("00.01", "import atexit, os\natexit.register(lambda: os.write(1, b'passed'))\nlength = 0"),
    "left in /tmp": (
        "01.01",
        "import os, pathlib\nplace = pathlib.Path('/tmp/left')\nif place.exists():\n    raise RuntimeError('LEAK')\n"
        "place.write_text('x')\nfor folder in ('/dev/shm', '/var/tmp', '/mnt', '/'):\n    try:\n"
        "        (pathlib.Path(folder) / 'left').write_text('x')\n    except OSError:\n        continue\n"
        "    raise RuntimeError('LEAK')",
    ),
    "left in /tmp, again": (
        "01.01",
        "import os\nraise RuntimeError('LEAK' if os.path.exists('/tmp/left') else 'clean')",
    ),
    "module left for others": (
        "01.02",
        "for name in ('sitecustomize', 'conftest', 'torch', 'random'):\n    try:\n"
        "        open(f'/tmp/{name}.py', 'w').write('raise SystemExit')\n    except OSError:\n        pass\n"
        "import sys\nsys.path.insert(0, '/tmp')\nimport conftest",
    ),
    # out of the box
    "read the home folder": ("00.01", "raise RuntimeError(open(HOME).read())"),
    "read the repository": ("00.01", "raise RuntimeError(open(REPO).read())"),
    "write to the home folder": ("00.02", "open(HOME, 'a').write('was here')"),
    "write to the repository": ("00.02", "open(REPO, 'w').write('was here')"),
    "remove everything": (
        "00.02",
        "import os, shutil\nshutil.rmtree(os.path.dirname(REPO), ignore_errors=True)\n"
        "shutil.rmtree('/', ignore_errors=True)\nos.unlink(HOME)",
    ),
    "look around": (
        "00.01",
        "import os, sys\nfound = []\nfor top, folders, names in os.walk('/'):\n"
        "    folders[:] = [name for name in folders if os.path.join(top, name) not in ('/usr', '/sys', sys.prefix, sys.base_prefix)]\n"
        "    found += [name for name in names if name.endswith(('_first.py', '_second.py', '.toml', '.jsonl'))]\n"
        "    found += [name for name in names if name[3:] in ('-00.01', '-00.02')]\n"
        "raise RuntimeError('LEAK ' + str(found) if found else 'clean')",
    ),
    "socket": ("01.01", "import socket\nsocket.create_connection(('127.0.0.1', 80), 1)"),
    "socket to the outside": (
        "01.01",
        "import urllib.request\ndoubled = urllib.request.urlopen('http://example.org', timeout=1).read()",
    ),
    "unix socket": (
        "01.02",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('\\0leak')\nraise RuntimeError('LEAK')",
    ),
    "new namespaces": (
        "01.02",
        "import ctypes\nif ctypes.CDLL(None).unshare(0x10020000) == 0:\n    raise RuntimeError('LEAK')\nraise RuntimeError('no')",
    ),
    "unmount what hides": (
        "01.01",
        "import ctypes, os\nlibc = ctypes.CDLL(None)\nfor place in (b'/stage', b'/proc', b'/tmp'):\n"
        "    if libc.umount2(place, 2) == 0:\n        raise RuntimeError('LEAK')\n"
        "raise RuntimeError(f'LEAK {os.listdir(\"/stage\")}' if os.listdir('/stage') else 'no')",
    ),
    "ptrace": (
        "01.02",
        "import ctypes, os\nlibc = ctypes.CDLL(None)\nif libc.ptrace(16, os.getppid(), 0, 0) == 0:\n"
        "    raise RuntimeError('LEAK')\nraise RuntimeError('no')",
    ),
    "memory of others": (
        "01.01",
        "import os\nfor pid in range(1, 300):\n    if pid != os.getpid():\n        try:\n"
        "            open(f'/proc/{pid}/mem', 'rb')\n        except OSError:\n            continue\n"
        "        raise RuntimeError('LEAK')\nraise RuntimeError('no')",
    ),
    "memory of others, by call": (
        "01.01",
        "import ctypes, os\nbuffer = ctypes.create_string_buffer(16)\nvector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 16)\n"
        "if ctypes.CDLL(None).process_vm_readv(os.getppid(), vector, 1, vector, 1, 0) > 0:\n    raise RuntimeError('LEAK')\n"
        "raise RuntimeError('no')",
    ),
    # forged verdicts
    "printed verdict": ("01.01", 'print(\'passed\')\nprint(\'{"id": "01.01", "outcome": "passed"}\')'),
    "returned verdict": ("01.02", "from kit.verdict import Verdict\ntotal = lambda values: Verdict('01.02', 'passed')"),
    "verdict to every file": (
        "01.01",
        "import os\nfor number in range(0, 300):\n    for text in (b'passed', b'opassed', b'\\x00\\x00\\x00\\x04done', b'\\x92\\x90\\xc0'):\n"
        "        try:\n            os.write(number, text)\n        except OSError:\n            pass\nos._exit(0)",
    ),
    "empty observation": (
        "01.01",
        "import os, msgpack\nfor number in range(3, 300):\n    try:\n        os.write(number, msgpack.packb([[], None]))\n"
        "    except OSError:\n        pass\nos._exit(0)",
    ),
    "observation of nonsense": (
        "01.01",
        "import os, msgpack\nplain = dict(kind='tensor', dtype='float32', storage='O', shape=[2, 3], data=b'x' * 48)\n"
        "for number in range(3, 300):\n    try:\n        os.write(number, msgpack.packb([[['doubled', plain]], None]))\n"
        "    except OSError:\n        pass\nos._exit(0)",
    ),
    "slow observation": (
        "01.01",
        "import os, time\nfor number in range(3, 300):\n    try:\n        os.write(number, b'\\x92')\n    except OSError:\n"
        "        pass\ntime.sleep(1000)",
    ),
    "pickle": (
        "00.01",
        "import pickle, os\nclass Bomb:\n    def __reduce__(self):\n        return os.system, ('touch /tmp/pickled',)\n"
        "length = pickle.dumps(Bomb())",
    ),
    "object that reduces": (
        "00.01",
        "class Bomb:\n    def __reduce__(self):\n        return eval, ('1/0',)\nlength = Bomb()",
    ),
    # lying objects
    "equal to everything": (
        "00.01",
        "class Same(int):\n    def __eq__(self, other):\n        return True\nlength = Same(7)",
    ),
    "lying class": (
        "00.01",
        "class Liar:\n    @property\n    def __class__(self):\n        return int\nlength = Liar()",
    ),
    "tensor that agrees": (
        "01.01",
        "class Yes(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, function, types, args=(), kwargs=None):\n"
        "        return True\ndoubled = x.as_subclass(Yes)",
    ),
    "function that agrees": (
        "01.02",
        "class Yes:\n    def __call__(self, *a):\n        return self\n    def __eq__(self, other):\n        return True\ntotal = Yes()",
    ),
    "nan": ("01.01", "doubled = torch.full((2, 3), float('nan'))"),
    "infinite": ("01.01", "doubled = torch.full((2, 3), float('inf'))"),
    "number that is nan": ("00.01", "length = float('nan')"),
    # inside the judge
    "patched torch": ("01.01", "torch.equal = torch.allclose = torch.isclose = lambda *a, **k: True\ndoubled = x"),
    "patched builtins": ("00.01", "import builtins\nbuiltins.all = builtins.any = lambda *a: True\nlength = 7"),
    "patched judge": (
        "01.01",
        "import kit.compare, kit.judge\nkit.compare.difference = lambda *a: None\nkit.judge.find_fault = lambda *a: None\ndoubled = x",
    ),
    "patched observation": (
        "01.01",
        "import kit.state, kit.observation\nkit.state.observe = kit.observation.observe = lambda *a: dict(kind='none', value=None)\n"
        "doubled = x",
    ),
    "swapped probes": (
        "01.02",
        "import sys\nframe = sys._getframe()\nwhile frame:\n    job = frame.f_locals.get('job')\n    if job is not None:\n"
        "        object.__setattr__(job, 'probes', ())\n        object.__setattr__(job, 'names', ())\n    frame = frame.f_back\n"
        "total = lambda values: None",
    ),
    "expected values in frames": (
        "01.01",
        "import sys, gc\nframe = sys._getframe()\nwhile frame:\n    for name, value in list(frame.f_locals.items()):\n"
        "        if name in ('expected', 'known', 'finished') and value:\n            raise RuntimeError('LEAK ' + name)\n"
        "    frame = frame.f_back\nfrom kit.observation import Observation\n"
        "if any(type(thing) is Observation for thing in gc.get_objects()):\n    raise RuntimeError('LEAK')\nraise RuntimeError('no')",
    ),
    "other cells in memory": (
        "01.01",
        LOOK + "own = [text for text in seen if 'gc.get_objects' not in text]\n"
        "raise RuntimeError('LEAK ' + str(own)[:100] if own else 'no')",
    ),
    "finished cell from memory": (
        "01.01",
        LOOK + "for text in seen:\n    if 'gc.get_objects' not in text:\n        exec(text)\n        break",
    ),
    "heap": (
        "01.02",
        "import ctypes, gc\npages = {id(thing) >> 12 for thing in gc.get_objects()}\nmark = ''.join(reversed('KRAM-TSENOH')).encode()\n"
        "found = sum(mark in ctypes.string_at(page << 12, 4096) for page in pages)\n"
        "raise RuntimeError(f'LEAK {found}' if found else f'no, in {len(pages)} pages')",
    ),
    "finished chapter": (
        "01.01",
        "import glob\nfor path in [found for top in ('stage', 'tmp', 'mnt') for found in glob.glob(f'/{top}/**/*01*', recursive=True)]:\n"
        "    exec(open(path).read())",
    ),
    "finished package": ("01.02", "from nanogpt import total"),
    "finished module": ("01.02", "from nanogpt.second import total"),
    "the course itself": (
        "01.02",
        "from pathlib import Path\nfrom kit.course import Course\nexec(Course(Path('/stage')).exercise('01.02')[1].code)",
    ),
    "the judge's seeds": ("01.01", "torch.manual_seed(1)\ndoubled = torch.randn(2, 3) + torch.randn(2, 3)"),
    "pasted numbers": (
        "01.01",
        "doubled = torch.tensor([[1.3230, 0.5339, 0.1234], [1.2427, -0.9040, -0.3324]])",
    ),
    "nothing at all": ("01.01", "pass"),
    "a comment's promise": ("01.01", "doubled = x  # passed"),
}
