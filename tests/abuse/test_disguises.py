"""What is refused in plain clothes is refused in every other: addresses of the inner network, formulas of a spreadsheet."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from tutor_project.common.spreadsheet import inert
from tutor_project.llm.addresses import AddressForbidden, ensure_address, ensure_public

CLOTHES = ("::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}", "{}")


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "100.64.0.1"])
def test_an_inner_address_is_refused_however_it_is_written(clothes: str, inner: str) -> None:
    with pytest.raises(AddressForbidden):
        ensure_address(clothes.format(inner), private_allowed=False)


@pytest.mark.parametrize("clothes", CLOTHES)
def test_where_clouds_keep_credentials_is_refused_even_to_who_may_call_inside(clothes: str) -> None:
    with pytest.raises(AddressForbidden):
        ensure_address(clothes.format("169.254.169.254"), private_allowed=True)


@pytest.mark.parametrize("address", ["fec0::1", "5f00::1", "4000::1", "fd00::1", "ff02::1", "::1", "::"])
def test_what_is_given_to_no_host_of_the_internet_is_refused(address: str) -> None:
    with pytest.raises(AddressForbidden):
        ensure_address(address, private_allowed=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])
def test_public_addresses_are_called_in_any_clothes(address: str) -> None:
    ensure_address(address, private_allowed=False)


@pytest.mark.parametrize("host", [str(int(IPv4Address("127.0.0.1"))), "0x7f.1", "127.1", "[::]", "[::ffff:7f00:1]"])
def test_the_machine_itself_is_refused_by_every_spelling_a_resolver_takes(host: str) -> None:
    with pytest.raises(AddressForbidden):
        ensure_public(f"http://{host}/v1", private_allowed=False)


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+1+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "-1-cmd|x!A", " \t=1", "\ufeff=1", "\u200b@x", "\uff1d1+1",
        "-1%+cmd|' /C calc'!A0", "\x00=1", "+49 cmd|x!A1",
    ],
)  # fmt: skip
def test_no_cell_is_run_by_a_spreadsheet(cell: str) -> None:
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1", "-1.5", "-5 °C", "+3", "-12,5 %", "1-2", "a=b", 5, None, -2])
def test_numbers_and_plain_texts_stay_as_they_are(cell: object) -> None:
    assert inert(cell) == cell
