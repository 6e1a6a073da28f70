"""What is sealed is read again by the same service for the same purpose, and by nobody else."""

import pytest

from api.seal import PREFIX, Seal, SealBroken, Seals

SECRET = "not a secret at all, but thirty-two characters"


def test_a_seal_gives_back_what_it_took_and_shows_nothing_of_it():
    seal = Seal(SECRET, "webhook")

    sealed = seal.seal("whsec_四月")

    assert sealed.startswith(PREFIX)
    assert sealed.isascii()
    assert "whsec" not in sealed
    assert seal.seal("whsec_四月") != sealed
    # another process of the same service
    assert Seal(SECRET, "webhook").open(sealed) == "whsec_四月"


def test_another_secret_another_purpose_and_damage_are_told():
    seals = Seals.of(SECRET)
    sealed = seals.webhook.seal("whsec_x")

    for seal, text in (
        (Seals.of(SECRET[::-1]).webhook, sealed),
        (seals.second_factor, sealed),
        (seals.webhook, sealed[:-4]),
        (seals.webhook, f"{sealed}é"),
        (seals.webhook, PREFIX),
    ):
        with pytest.raises(SealBroken, match=r"签名密钥.*signing secret"):
            seal.open(text)


def test_what_was_stored_before_there_were_seals_is_read_as_it_is():
    assert Seal(SECRET, "second factor").open("JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"
