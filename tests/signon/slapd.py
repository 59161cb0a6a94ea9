"""A real directory: OpenLDAP's slapd on the loopback interface, with a data directory and a certificate of its own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live import free_port

BASE = "dc=example,dc=org"
ROOT, ROOT_PASSWORD = f"cn=root,{BASE}", "Directory-pw-1"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
pidfile {place}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {place}/cert.pem
TLSCertificateKeyFile {place}/key.pem
database mdb
suffix "{base}"
rootdn "{root}"
rootpw {password}
directory {place}/data
maxsize 16777216
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous auth
"""
PERSON = """dn: {dn}
objectClass: inetOrgPerson
objectClass: posixAccount
uid: {uid}
cn: {uid}
sn: Of-{uid}
givenName: {uid}
mail: {uid}@example.org
uidNumber: {number}
gidNumber: {number}
homeDirectory: /nonexistent
userPassword: Pw-{uid}
"""
PEOPLE = ("ann", "bob", "eve", "admin", "carol")
GROUPS = """dn: cn=staff,ou=groups,{base}
objectClass: groupOfNames
cn: staff
member: uid=ann,ou=people,{base}
member: uid=bob,ou=people,{base}

dn: cn=bosses,ou=groups,{base}
objectClass: groupOfNames
cn: bosses
member: uid=ann,ou=people,{base}

dn: cn=banned,ou=groups,{base}
objectClass: groupOfNames
cn: banned
member: uid=eve,ou=people,{base}

dn: cn=everybody,ou=groups,{base}
objectClass: groupOfNames
cn: everybody
member: cn=staff,ou=groups,{base}

dn: cn=circle,ou=groups,{base}
objectClass: groupOfNames
cn: circle
member: cn=everybody,ou=groups,{base}
member: cn=circle,ou=groups,{base}

dn: cn=unique,ou=groups,{base}
objectClass: groupOfUniqueNames
cn: unique
uniqueMember: uid=ann,ou=people,{base}

dn: cn=occupants,ou=groups,{base}
objectClass: organizationalRole
cn: occupants
roleOccupant: uid=ann,ou=people,{base}

dn: cn=posix,ou=groups,{base}
objectClass: posixGroup
cn: posix
gidNumber: 5000
memberUid: ann

dn: cn=primary,ou=groups,{base}
objectClass: posixGroup
cn: primary
gidNumber: 2001
"""


@dataclass(frozen=True)
class Slapd:
    """Where the directory is."""

    url: str
    tls_url: str
    certificate: Path
    place: Path

    def modify(self, ldif: str) -> None:
        """Change the directory as its administrator."""
        command = ["ldapmodify", "-x", "-H", self.url, "-D", ROOT, "-w", ROOT_PASSWORD]
        subprocess.run(command, input=ldif.encode(), check=True, capture_output=True, timeout=30)


def content() -> str:
    """The directory as LDIF."""
    parts = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n",
        *(f"dn: ou={unit},{BASE}\nobjectClass: organizationalUnit\nou: {unit}\n" for unit in ("people", "groups")),
        *(
            PERSON.format(dn=f"uid={uid},ou=people,{BASE}", uid=uid, number=2000 + number)
            for number, uid in enumerate(PEOPLE)
        ),
        GROUPS.format(base=BASE),
    ]
    return "\n".join(parts)


def make_certificate(place: Path) -> Path:
    """A certificate for 127.0.0.1 and localhost that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    Path(place, "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    Path(place, "key.pem").write_bytes(private)
    return Path(place, "cert.pem")


@contextmanager
def running() -> Iterator[Slapd]:
    """The directory for the time of a block."""
    place = Path(tempfile.mkdtemp(prefix="awxl-slapd-"))
    process = None
    try:
        (place / "data").mkdir()
        certificate = make_certificate(place)
        config, ldif = place / "slapd.conf", place / "content.ldif"
        config.write_text(CONFIG.format(place=place, base=BASE, root=ROOT, password=ROOT_PASSWORD))
        ldif.write_text(content())
        environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
        slapd = shutil.which("slapd", path=environment["PATH"])
        assert slapd, "slapd is not installed"
        subprocess.run([slapd, "-T", "add", "-f", config, "-l", ldif], check=True, capture_output=True, timeout=60)
        plain, tls = f"ldap://127.0.0.1:{free_port()}", f"ldaps://127.0.0.1:{free_port()}"
        log = (place / "log").open("wb")
        process = subprocess.Popen([slapd, "-f", config, "-h", f"{plain} {tls}", "-d", "0"], stdout=log, stderr=log)
        log.close()
        wait_until_it_answers(process, plain, place)
        yield Slapd(plain, tls, certificate, place)
    finally:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(place, ignore_errors=True)


def wait_until_it_answers(process: subprocess.Popen[bytes], url: str, place: Path) -> None:
    """Until the administrator can bind."""
    deadline = time.monotonic() + 60
    command = ["ldapwhoami", "-x", "-H", url, "-D", ROOT, "-w", ROOT_PASSWORD]
    while subprocess.run(command, check=False, capture_output=True, timeout=30).returncode:
        assert process.poll() is None, (place / "log").read_text()
        assert time.monotonic() < deadline, "slapd does not answer"
        time.sleep(0.05)
