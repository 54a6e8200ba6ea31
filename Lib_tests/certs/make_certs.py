#!/usr/bin/env python3
"""Regenerate the certificates of the tests with the openssl command.

    python3 Lib_tests/certs/make_certs.py [--openssl PATH] [AUTHORITY ...]

With names of authorities only these and what they sign are made anew.  Those
of keysca take OpenSSL 3.5: "make -s openssl OPENSSL_VERSION=3.5.7" builds one.

Every leaf is written as NAME.pem, private key first, certificate second, as
SSLContext.load_cert_chain() wants it.  ca.pem, wrongca.pem and keysca.pem hold
the authorities' certificates; their keys are used once and not kept.  All are
valid from 2010 to 2120, so that the tests pass under a clock set back.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

NOT_BEFORE = "20100101000000Z"
NOT_AFTER = "21200101000000Z"

RSA = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]


def ec(curve):
    return ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve,
            "-pkeyopt", "ec_param_enc:named_curve"]


def ml_dsa(size):
    """The seed only, from which a library makes the long key."""
    return ["-algorithm", "ML-DSA-%d" % size,
            "-provparam", "ml-dsa.output_formats=seed-only"]


AUTHORITIES = {"ca": "Test CA", "wrongca": "Wrong CA", "keysca": "Keys CA"}

# name: (authority, key options, common name, subjectAltName or None)
LEAVES = {
    "server": ("ca", RSA, "server.test", "DNS:server.test,DNS:localhost"),
    "other": ("ca", RSA, "other.test", "DNS:other.test"),
    "wildcard": ("ca", RSA, "wild.test", "DNS:*.wild.test"),
    "ip": ("ca", RSA, "addresses.test",
           "IP:127.0.0.1,IP:::1,IP:2001:db8::a"),
    "idn": ("ca", RSA, "idn.test", "DNS:xn--bcher-kva.test"),
    "ecdsa": ("ca", ec("P-256"), "ecdsa.test", "DNS:ecdsa.test"),
    "client": ("ca", RSA, "client.test", "DNS:client.test"),
    "untrusted": ("wrongca", RSA, "server.test", "DNS:server.test"),
}

# Other kinds of keys, all of them keys.test's.
for _name, _key in [
        ("p384", ec("P-384")), ("p521", ec("P-521")),
        ("rsapss", ["-algorithm", "RSA-PSS",
                    "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("ed25519", ["-algorithm", "ED25519"]),
        ("ed448", ["-algorithm", "ED448"]),
        ("mldsa44", ml_dsa(44)), ("mldsa65", ml_dsa(65)),
        ("mldsa87", ml_dsa(87))]:
    LEAVES[_name] = ("keysca", _key, "keys.test", "DNS:keys.test")

CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
O = Memory BIO tests
CN = {common_name}
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = extensions
[any]
organizationName = supplied
commonName = supplied
[extensions]
basicConstraints = critical,CA:{is_ca}
subjectKeyIdentifier = hash
keyUsage = critical,{usage}
{more}
"""


class Maker:
    def __init__(self, openssl, scratch, target):
        self.openssl = openssl
        self.scratch = scratch
        self.target = target
        (scratch / "index.txt").write_text("")

    def run(self, *arguments):
        result = subprocess.run([self.openssl, *map(str, arguments)],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            sys.exit("openssl %s failed:\n%s" % (arguments[0], result.stdout))

    def issue(self, name, key_options, common_name, signer, more=""):
        """Make a key and a certificate; *signer* None means self-signed."""
        is_ca = signer is None
        key, request, certificate, config = (
            self.scratch / (name + suffix)
            for suffix in (".key", ".csr", ".crt", ".cnf"))
        config.write_text(CONFIG.format(
            common_name=common_name, folder=self.scratch,
            is_ca=str(is_ca).upper(), more=more,
            usage="keyCertSign,cRLSign" if is_ca else "digitalSignature" +
                  (",keyEncipherment" if key_options == RSA else "")))
        self.run("genpkey", *key_options, "-out", key)
        self.run("req", "-new", "-config", config, "-key", key,
                 "-out", request)
        sign = (["-selfsign", "-keyfile", key] if is_ca else
                ["-cert", self.scratch / (signer + ".crt"),
                 "-keyfile", self.scratch / (signer + ".key")])
        self.run("ca", "-batch", "-notext", "-config", config, *sign,
                 "-startdate", NOT_BEFORE, "-enddate", NOT_AFTER,
                 "-in", request, "-out", certificate)
        text = certificate.read_text()
        if not is_ca:
            text = key.read_text() + text
        (self.target / (name + ".pem")).write_text(text)
        print("wrote", self.target / (name + ".pem"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--openssl", default="openssl",
                        help="the openssl command (default: %(default)s)")
    parser.add_argument("authorities", nargs="*", metavar="AUTHORITY",
                        help="one of %s (default: all)" %
                             ", ".join(AUTHORITIES))
    options = parser.parse_args()
    authorities = options.authorities or list(AUTHORITIES)
    for name in authorities:
        if name not in AUTHORITIES:
            parser.error("%s is no authority: there are %s" %
                         (name, ", ".join(AUTHORITIES)))
    target = pathlib.Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as scratch:
        maker = Maker(options.openssl, pathlib.Path(scratch), target)
        for name in authorities:
            maker.issue(name, RSA, AUTHORITIES[name], None)
        for name, (signer, key, common_name, san) in LEAVES.items():
            if signer in authorities:
                maker.issue(name, key, common_name, signer,
                            "authorityKeyIdentifier = keyid\n"
                            "extendedKeyUsage = serverAuth,clientAuth\n"
                            "subjectAltName = " + san)


if __name__ == "__main__":
    main()
