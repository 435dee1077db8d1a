from __future__ import annotations

import ssl

from tui.tls import believed


def test_an_address_with_tls_is_believed_by_the_authorities_of_this_machine() -> None:
    context = believed("https://relay.test")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.get_ca_certs()


def test_an_address_without_tls_loads_no_authorities_and_would_believe_nobody() -> None:
    context = believed("http://127.0.0.1:4747")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert not context.get_ca_certs()
