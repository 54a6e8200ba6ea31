"""A handshake in memory, as in README.md; argument: folder of Lib_tests'
certificates."""

import os
import ssl
import sys

certs = sys.argv[1]
to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
ours = ssl.create_default_context(cafile=os.path.join(certs, 'ca.pem'))
client = ours.wrap_bio(to_client, to_server, server_hostname='localhost')
theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
theirs.load_cert_chain(os.path.join(certs, 'server.pem'))
server = theirs.wrap_bio(to_server, to_client, server_side=True)
for end in (client, server, client, server, client):
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        pass
print('%s %s %s' % (client.version(), client.write('hello'), server.read()))
