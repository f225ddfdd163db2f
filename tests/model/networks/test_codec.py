"""The codec streams, looks one group ahead, starts linear and keeps its pictures in any basis."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from laterna.model.networks.codec import (  # noqa: E402
    PATCH,
    Codec,
    following,
    forward_flops,
    patches,
    unpatches,
)


@pytest.fixture(scope="module")
def codec() -> Codec:
    """A codec whose every weight matters (zero-initialised layers are filled)."""
    torch.manual_seed(1)
    codec = Codec().eval().requires_grad_(False)
    for parameter in codec.parameters():
        if not parameter.any():
            parameter.normal_(0, 0.05)
    return codec


def film(frames: int, height: int = 32, width: int = 48) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(2, frames, 3, height, width, generator=generator) * 2 - 1


def test_any_grid_of_cells_goes_through(codec: Codec) -> None:
    for height, width in ((16, 16), (48, 32), (32, 80)):
        latents = codec.encode(film(8, height, width))
        assert latents.shape == (2, 2, 16, height // 16, width // 16)
        assert codec.decode(latents).shape == (2, 8, 3, height, width)


def test_chunks_equal_the_whole(codec: Codec) -> None:
    frames = film(24)
    latents = codec.encode(frames)
    pieces = torch.cat([codec.encode(chunk) for chunk in frames.split([4, 8, 12], dim=1)], dim=1)
    torch.testing.assert_close(pieces, latents, atol=1e-5, rtol=1e-5)
    sigma = torch.linspace(0, 0.2, 6).expand(2, 6)
    whole = codec.decode(latents, sigma)
    state, chunks = codec.start(latents), []
    told = (part.split([1, 3, 2], 1) for part in (latents, following(latents), sigma))
    for z, ahead, s in zip(*told, strict=True):
        chunk, state = codec.decode_chunk(z, ahead, s, state)
        chunks.append(chunk)
    # Random weights draw values of a hundred and more, whose rounding differs with the chunk;
    # without the state the difference is half of the largest value.
    rounding = 1e-5 * float(whole.abs().max())
    torch.testing.assert_close(torch.cat(chunks, dim=1), whole, atol=rounding, rtol=1e-5)


def test_a_group_is_encoded_by_itself_and_drawn_with_the_next_in_view(codec: Codec) -> None:
    frames = film(12)
    other = frames.clone()
    other[:, 8:] = 0
    before, after = codec.encode(frames), codec.encode(other)
    torch.testing.assert_close(before[:, :2], after[:, :2])
    assert not torch.allclose(before[:, 2], after[:, 2])
    seen, changed = codec.decode(before), codec.decode(after)
    torch.testing.assert_close(seen[:, :4], changed[:, :4], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(seen[:, 4:8], changed[:, 4:8], atol=1e-3)
    alone = codec.decode(before[:, :2])
    assert not torch.allclose(seen[:, 4:8], alone[:, 4:8], atol=1e-3)


def test_after_the_last_group_nothing_is_known() -> None:
    told = following(torch.zeros(2, 3, 16, 1, 2) + torch.arange(1, 4)[:, None, None, None])
    assert told.shape == (2, 3, 17, 1, 2)
    assert told[0, :, 0, 0, 0].tolist() == [2, 3, 0]
    assert told[0, :, 16, 0, 0].tolist() == [1, 1, 0]


def test_the_past_and_the_noise_level_reach_the_picture(codec: Codec) -> None:
    latents = codec.encode(film(8))
    alone = codec.decode(latents[:, 1:])
    assert not torch.allclose(codec.decode(latents)[:, 4:], alone, atol=1e-3)
    told = codec.decode(latents, torch.full((2, 2), 0.2))
    assert not torch.allclose(codec.decode(latents), told, atol=1e-3)


def test_untrained_it_is_its_linear_map() -> None:
    codec = Codec().requires_grad_(False)
    basis = torch.linalg.qr(torch.randn(PATCH, 16))[0]
    scale = torch.linspace(3, 0.1, 16)
    codec.set_linear(torch.zeros(PATCH), basis, scale)
    frames = film(8)
    rows = patches(frames)
    projected = unpatches(rows @ basis @ basis.T)
    torch.testing.assert_close(codec.decode(codec.encode(frames)), projected, atol=1e-4, rtol=0)


def test_what_is_kept_is_the_frame_before() -> None:
    codec = Codec().requires_grad_(False)
    codec.decoder.out.bias[48:] = 20.0  # keep every pixel; nothing has moved, nothing is drawn
    latents = torch.randn(1, 1, 16, 2, 3)
    picture = torch.rand(1, 3, 32, 48) * 2 - 1
    state = (*codec.start(latents)[:3], picture)
    frames, _ = codec.decode_chunk(latents, following(latents), torch.zeros(1, 1), state)
    torch.testing.assert_close(frames, picture[:, None].expand(1, 4, 3, 32, 48), atol=1e-4, rtol=0)


def test_a_basis_changes_latents_but_no_picture(codec: Codec) -> None:
    changed = Codec().requires_grad_(False)
    changed.load_state_dict(codec.state_dict())
    matrix = torch.eye(16) + 0.2 * torch.randn(16, 16, generator=torch.Generator().manual_seed(5))
    changed.fold_basis(torch.full((16,), 0.3), matrix)
    frames = film(8)
    before, after = codec.encode(frames), changed.encode(frames)
    expected = torch.einsum("ij,bfjhw->bfihw", matrix, before - 0.3)
    torch.testing.assert_close(after, expected, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(changed.decode(after), codec.decode(before), atol=1e-3, rtol=1e-3)


def test_a_frame_costs_what_a_laptop_can_pay() -> None:
    encode, decode = forward_flops(Codec(), 160, 256)
    assert encode < 0.5e9
    assert decode < 1.9e9
