"""The Debian package, made from the program under test: what is in it, what it depends on, what its unit allows.

Nothing is installed: that needs a machine of its own (docs/operations.md says what was tried there).
"""

import gzip
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "packaging" / "usher.service"


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    subprocess.run([ROOT / "scripts" / "package", folder], check=True, capture_output=True)
    return next(folder.glob("usher_*.deb"))


@pytest.fixture(scope="module")
def contents(package):
    """Mode, owner and group of each path."""
    rows = (line.split() for line in run("dpkg-deb", "--contents", package).splitlines())
    return {row[5].removeprefix("."): (row[0], row[1]) for row in rows}


def unit_values(key):
    return [line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(key + "=")]


def test_it_depends_on_the_package_of_every_library_that_is_linked(package):
    program = pathlib.Path(os.environ["USHER_BIN_DIR"]) / "usher"
    depends = run("dpkg-deb", "--field", package, "Depends")
    needed = re.findall(r"NEEDED +(\S+)", run("objdump", "-p", program))
    assert "libssl.so.3" in needed and "liburing.so.2" in needed
    for library in needed:
        if library.startswith("ld-linux"):  # libc6's, like libc.so.6
            continue
        path = run("sh", "-c", f"ldconfig -p | grep -m1 -w -F '{library}' | sed 's/.*=> //'").strip()
        owners = [subprocess.run(["dpkg", "-S", p], capture_output=True, text=True).stdout
                  for p in (path, os.path.realpath(path), path.removeprefix("/usr"))]
        names = {line.split(":")[0] for text in owners for line in text.splitlines()}
        assert names, f"no package has {path}"
        assert any(re.search(rf"(^|, ){re.escape(name)}(-fmt\d+)?( |,|$)", depends) for name in names), (library, names, depends)


def test_everything_in_it_is_roots_and_only_the_configuration_is_closed(contents):
    assert {owner for _, owner in contents.values()} == {"root/root"}
    assert contents["/usr/bin/usher"][0] == "-rwxr-xr-x"
    assert contents["/etc/usher/usher.toml"][0] == "-rw-r-----"
    assert "/lib/systemd/system/usher.service" in contents and "/usr/lib/sysusers.d/usher.conf" in contents
    for path, (mode, _) in contents.items():
        if path != "/etc/usher/usher.toml":
            assert mode in ("drwxr-xr-x", "-rwxr-xr-x" if path == "/usr/bin/usher" else "-rw-r--r--"), path


def test_what_an_operator_edits_is_kept_when_it_is_upgraded(package):
    folder = package.parent / "control"
    run("dpkg-deb", "--control", package, folder)
    assert (folder / "conffiles").read_text() == "/etc/usher/usher.toml\n"


def test_no_secret_is_in_it(contents):
    assert [path for path in contents if path.startswith("/etc/usher/")] == ["/etc/usher/", "/etc/usher/usher.toml"]


def test_its_copyright_file_names_the_licence_and_the_notices_of_what_is_compiled_in(package, tmp_path):
    run("dpkg-deb", "--extract", package, tmp_path)
    docs = tmp_path / "usr/share/doc/usher"
    paragraphs = (docs / "copyright").read_text().split("\n\n")
    fields = [dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)$", paragraph, re.MULTILINE)) for paragraph in paragraphs]
    assert fields[0]["Format"] == "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
    assert [f["License"] for f in fields if f.get("Files") == "*"] == ["Apache-2.0"]
    notices = gzip.decompress((docs / "notices.gz").read_bytes()).decode()
    for library in ("libboost1.81-dev", "libcli11-dev"):
        assert pathlib.Path(f"/usr/share/doc/{library}/copyright").read_text() in notices


def test_the_manual_page_has_every_command(contents):
    assert "/usr/share/man/man1/usher.1.gz" in contents
    page = (ROOT / "packaging" / "usher.1").read_text()
    listed = re.findall(r"^  (\w+)  +\S", run(pathlib.Path(os.environ["USHER_BIN_DIR"]) / "usher", "--help"), re.MULTILINE)
    assert listed == re.findall(r"^\.TP\n\.B (\w+)$", page, re.MULTILINE)


def test_the_unit_runs_as_the_user_that_installing_makes():
    """DynamicUser= doesn't start where a group of the unit's name exists (status=217/USER)."""
    rows = [line.split() for line in (ROOT / "packaging" / "sysusers.conf").read_text().splitlines() if line[:2] == "u "]
    assert [row[1] for row in rows] == unit_values("User") == unit_values("Group") == ["usher"]
    assert not unit_values("DynamicUser")


def test_systemd_understands_the_unit(tmp_path):
    """With a program that exists: the package isn't installed here."""
    unit = tmp_path / "usher.service"
    unit.write_text(UNIT.read_text().replace("=/usr/bin/usher", "=/bin/true"))
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert (said.returncode, [line for line in said.stderr.splitlines() if "usher" in line]) == (0, [])


def system_calls(name):
    """A group's calls, with the groups inside it."""
    if not name.startswith("@"):
        return {name}
    lines = (line.strip() for line in run("systemd-analyze", "syscall-filter", name, env={**os.environ, "SYSTEMD_COLORS": "0"}).splitlines()[1:])
    return set().union(*(system_calls(line) for line in lines if line and not line.startswith("#")))


def test_the_unit_allows_the_calls_that_the_gateway_sends_with():
    allowed = set()
    for value in unit_values("SystemCallFilter"):
        calls = set().union(*map(system_calls, value.removeprefix("~").split()))
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    assert {"io_uring_setup", "io_uring_enter", "io_uring_register", "sendmsg", "epoll_wait", "prlimit64", "chmod", "chown"} <= allowed
    assert not {"mount", "ptrace", "chroot", "reboot", "init_module", "setuid"} & allowed


def test_a_unix_socket_of_the_unit_can_be_opened_by_a_proxy(tmp_path):
    """As the packaged configuration has it, with the unit's umask, in a folder like its RuntimeDirectory."""
    assert unit_values("RuntimeDirectory") == ["usher"] and unit_values("RuntimeDirectoryMode") == ["0755"]
    text = (ROOT / "packaging" / "usher.toml").read_text()
    assert "unix:/run/usher/usher.sock" in text
    for name, content in (("jwt.secret", "s" * 32), ("api.keys", "k" * 32)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)
        text = text.replace(f"/etc/usher/{name}", str(tmp_path / name))
    sock = tmp_path / "usher.sock"
    text = text.replace('"127.0.0.1:8080"', f'"unix:{sock}"').replace('"127.0.0.1:8090"', '"127.0.0.1:0"')
    (tmp_path / "usher.toml").write_text(text + '[admin]\nlisten = "127.0.0.1:0"\n')
    process = subprocess.Popen([pathlib.Path(os.environ["USHER_BIN_DIR"]) / "usher", "serve", "--config", tmp_path / "usher.toml"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               umask=int(unit_values("UMask")[0], 8))
    try:
        assert any("file limit" in line for line in process.stderr), "it must start"
        assert sock.stat().st_mode & 0o777 == 0o666
    finally:
        process.kill()
        process.communicate()


def test_the_unit_waits_longer_than_the_longest_drain():
    timeout = int(unit_values("TimeoutStopSec")[0].removesuffix("s"))
    drain = re.search(r"`shutdown\.timeout` .*?`\"?(\d+)s", (ROOT / "docs" / "configuration.md").read_text())
    assert timeout > int(drain.group(1)) + 19, "the process itself sees to it that it ends by then"
