"""The presets: one per family and variant of open weights that diffusers films with.

Sizes, rates, lengths and defaults are those of the models' own cards and pipelines, and are passed
with every call. Bytes are parameters times two (bfloat16), times four where a component runs in
float32. A variant is its family's first preset with what differs.
"""

from __future__ import annotations

from dataclasses import replace

from laterna.engines.diffusers.preset import FrameRule, Preset, SizeRule, Use

__all__ = ["PRESETS", "preset_named"]

MB = 10**6

# Text and picture encoders that several families share.
UMT5, T5, CLIP_L, CLIP_H = 11_360 * MB, 9_520 * MB, 246 * MB, 1_264 * MB

APACHE = "Apache-2.0"
APACHE_URL = "https://www.apache.org/licenses/LICENSE-2.0"
HUGGING_FACE = "https://huggingface.co/"
STILL_SECONDS = 1 / 8  # the shortest shot there is, which is one frame

FIRST = frozenset({"first", "lead"})  # the picture may be the last one of what goes before
ENDS = frozenset({"last", "trail"})
ANYWHERE = FIRST | ENDS | {"between"}
REMIX = frozenset({"source", "strength"})
INPAINT = frozenset({"source", "mask"})
STRENGTH = frozenset({"strength"})

_WAN_TEXT = Use("WanPipeline", "text")
_WAN_IMAGE = Use("WanImageToVideoPipeline", "image", either=FIRST)
_WAN_ENDS = tuple(
    Use("WanImageToVideoPipeline", "image", needs=frozenset({end}), either=FIRST)
    for end in sorted(ENDS)
)
_WAN_VACE = Use("WanVACEPipeline", "vace", takes=ANYWHERE | INPAINT | {"control"})
_WAN_480 = SizeRule(((832, 480), (640, 640)), 16)
_WAN_720 = SizeRule(((1280, 720), (960, 960), (832, 480)), 16)
# More of the steps are spent at high noise where pictures are large.
_SHIFT_720: dict[str, object] = {"flow_shift": 5.0}

_WAN = Preset(
    name="wan-2.1-t2v-1.3b",
    family="wan-2.1-1.3b",
    title="Wan 2.1, text to video, 1.3 billion",
    hub="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
    licence=APACHE,
    licence_url=APACHE_URL,
    uses=(_WAN_TEXT, Use("WanVideoToVideoPipeline", "video", REMIX)),
    fps=16,
    frames=FrameRule(4, 81),
    size=_WAN_480,
    go_on="latents",
    overlap=17,
    call={"max_sequence_length": 512},
    vae_dtype="float32",
    scheduler={"flow_shift": 3.0},
    bytes={"transformer": 2_838 * MB, "text_encoder": UMT5, "vae": 508 * MB},
    marks={"transformer.num_layers": 30},
)
_WAN_14B = {"transformer": 28_580 * MB, "text_encoder": UMT5, "vae": 508 * MB}
_WAN_14B_IMAGE = _WAN_14B | {"transformer": 32_790 * MB, "image_encoder": 2 * CLIP_H}
_WAN_I2V = replace(
    _WAN,
    name="wan-2.1-i2v-14b-480p",
    family="wan-2.1-14b",
    title="Wan 2.1, picture to video, 14 billion, 480p",
    hub="Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
    uses=(_WAN_IMAGE,),
    go_on="image",
    overlap=1,
    bytes=_WAN_14B_IMAGE,
    marks={"image_encoder": True},
)
_WAN_22 = replace(
    _WAN,
    name="wan-2.2-t2v-a14b",
    family="wan-2.2-a14b",
    title="Wan 2.2, text to video, two transformers of 14 billion",
    hub="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
    uses=(_WAN_TEXT,),
    size=_WAN_720,
    steps=40,
    guidance=4.0,
    guidance_low=3.0,
    # Its makers' own; the other models of 720p have 5.
    scheduler={"flow_shift": 12.0},
    bytes=_WAN_14B | {"transformer_2": 28_580 * MB},
    marks={"transformer_2": True},
)
_VACE = replace(
    _WAN,
    name="wan-2.1-vace-1.3b",
    title="Wan 2.1 VACE, control, pictures, masks, 1.3 billion",
    hub="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
    uses=(_WAN_VACE,),
    go_on="frames",
    controls=frozenset({"depth", "edge"}),
    bytes=dict(_WAN.bytes) | {"transformer": 4_310 * MB},
    marks={"transformer.num_layers": 30},
)
WAN = (
    _WAN,
    replace(
        _WAN,
        name="wan-2.1-t2v-14b",
        family="wan-2.1-14b",
        title="Wan 2.1, text to video, 14 billion",
        hub="Wan-AI/Wan2.1-T2V-14B-Diffusers",
        size=_WAN_720,
        scheduler=_SHIFT_720,
        bytes=_WAN_14B,
        marks={"transformer.num_layers": 40},
    ),
    _WAN_I2V,
    replace(
        _WAN_I2V,
        name="wan-2.1-i2v-14b-720p",
        title="Wan 2.1, picture to video, 14 billion, 720p",
        hub="Wan-AI/Wan2.1-I2V-14B-720P-Diffusers",
        size=_WAN_720,
        scheduler=_SHIFT_720,
    ),
    replace(
        _WAN_I2V,
        name="wan-2.1-flf2v-14b",
        title="Wan 2.1, first and last picture to video, 14 billion",
        hub="Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
        # It sees both pictures as one, so it cannot do without the last, and a window not go on.
        uses=_WAN_ENDS,
        size=_WAN_720,
        scheduler=_SHIFT_720,
        go_on="",
        max_seconds=4.9,
        marks={"image_encoder": True, "transformer.pos_embed_seq_len": 514},
    ),
    _VACE,
    replace(
        _VACE,
        name="wan-2.1-vace-14b",
        family="wan-2.1-14b",
        title="Wan 2.1 VACE, control, pictures, masks, 14 billion",
        hub="Wan-AI/Wan2.1-VACE-14B-diffusers",
        size=_WAN_720,
        scheduler=_SHIFT_720,
        bytes=_WAN_14B | {"transformer": 34_670 * MB},
        marks={"transformer.num_layers": 40},
    ),
    _WAN_22,
    replace(
        _WAN_22,
        name="wan-2.2-i2v-a14b",
        title="Wan 2.2, picture to video, two transformers of 14 billion",
        hub="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        uses=(_WAN_IMAGE, *_WAN_ENDS),
        go_on="image",
        overlap=1,
        guidance=3.5,
        guidance_low=3.5,
        scheduler=_SHIFT_720,
    ),
    replace(
        _WAN,
        name="wan-2.2-ti2v-5b",
        family="wan-2.2-5b",
        title="Wan 2.2, text or picture to video, 5 billion",
        hub="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        uses=(_WAN_TEXT, _WAN_IMAGE),
        fps=24,
        frames=FrameRule(4, 121),
        size=SizeRule(((1280, 704),), 32),
        scheduler=_SHIFT_720,
        go_on="image",
        overlap=1,
        bytes={"transformer": 10_000 * MB, "text_encoder": UMT5, "vae": 2_818 * MB},
        marks={"expand_timesteps": True},
    ),
)

_LTX_CALL: dict[str, object] = {
    "guidance_rescale": 0.0,
    "decode_timestep": 0.05,
    "decode_noise_scale": 0.025,
    "max_sequence_length": 128,
}
_LTX = Preset(
    name="ltx-video-2b",
    family="ltx-video-2b",
    title="LTX-Video 0.9.1, text or picture to video, 2 billion",
    hub="a-r-r-o-w/LTX-Video-0.9.1-diffusers",
    licence="LTX-Video Open Weights License",
    licence_url=HUGGING_FACE + "Lightricks/LTX-Video",
    uses=(
        Use("LTXPipeline", "text"),
        Use("LTXImageToVideoPipeline", "image", either=FIRST),
    ),
    fps=25,
    frames=FrameRule(8, 161),
    size=SizeRule(((704, 480), (768, 512), (512, 512)), 32),
    go_on="image",
    guidance=3.0,
    call=_LTX_CALL,
    bytes={"transformer": 3_846 * MB, "text_encoder": T5, "vae": 838 * MB},
    marks={"transformer.num_layers": 28},
)
_LTX_CONDITION = replace(
    _LTX,
    name="ltx-video-0.9.5",
    title="LTX-Video 0.9.5, keyframes, 2 billion",
    hub="Lightricks/LTX-Video-0.9.5",
    licence_url=HUGGING_FACE + "Lightricks/LTX-Video-0.9.5",
    uses=(Use("LTXConditionPipeline", "conditions", takes=ANYWHERE),),
    go_on="frames",
    overlap=17,
    call=_LTX_CALL
    | {"max_sequence_length": 256, "image_cond_noise_scale": 0.025, "denoise_strength": 1.0},
    bytes=dict(_LTX.bytes) | {"vae": 2_494 * MB},
)
LTX = (
    _LTX,
    _LTX_CONDITION,
    replace(
        _LTX_CONDITION,
        name="ltx-video-0.9.7",
        family="ltx-video-13b",
        title="LTX-Video 0.9.7, keyframes, 13 billion",
        hub="Lightricks/LTX-Video-0.9.7-dev",
        licence_url=HUGGING_FACE + "Lightricks/LTX-Video-0.9.7-dev",
        fps=24,
        size=SizeRule(((832, 480), (768, 512), (1216, 704)), 32),
        steps=30,
        guidance=5.0,
        call=dict(_LTX_CONDITION.call) | {"guidance_rescale": 0.7, "image_cond_noise_scale": 0.0},
        bytes=dict(_LTX.bytes) | {"transformer": 26_090 * MB, "vae": 2_494 * MB},
        marks={"transformer.num_layers": 48},
    ),
    # The pipelines' own defaults are those of LTX-2.3; these are the ones LTX-2 was made with.
    Preset(
        name="ltx-2",
        family="ltx-2",
        title="LTX-2, keyframes, 19 billion (its sound is left out)",
        hub="Lightricks/LTX-2",
        licence="LTX-2 Community License",
        licence_url="https://github.com/Lightricks/LTX-2/blob/main/LICENSE",
        uses=(
            Use("LTX2ConditionPipeline", "conditions2", takes=ANYWHERE),
            Use("LTX2Pipeline", "text"),
            Use("LTX2ImageToVideoPipeline", "image", either=FIRST),
        ),
        fps=24,
        frames=FrameRule(8, 121),
        size=SizeRule(((768, 512), (1280, 704), (512, 512)), 32),
        go_on="frames",
        overlap=17,
        steps=40,
        guidance=4.0,
        call={
            "stg_scale": 0.0,
            "modality_scale": 1.0,
            "guidance_rescale": 0.0,
            "audio_guidance_scale": 4.0,
            "audio_stg_scale": 0.0,
            "audio_modality_scale": 1.0,
            "audio_guidance_rescale": 0.0,
            "spatio_temporal_guidance_blocks": None,
            "noise_scale": 0.0,
            "decode_timestep": 0.0,
            "decode_noise_scale": None,
            "use_cross_timestep": False,
            "motion_speed": 1.0,
            "enable_prompt_enhancement": False,
            "max_sequence_length": 1024,
        },
        bytes={
            "transformer": 37_760 * MB,
            "text_encoder": 24_380 * MB,
            "vae": 2_450 * MB,
            "connectors": 2_870 * MB,
            "audio_vae": 106 * MB,
            "vocoder": 111 * MB,
        },
    ),
)

_HUNYUAN = Preset(
    name="hunyuan-video",
    family="hunyuan-video",
    title="HunyuanVideo, text to video, 13 billion",
    hub="hunyuanvideo-community/HunyuanVideo",
    licence="Tencent Hunyuan Community License (not for the EU, the UK and South Korea)",
    licence_url="https://github.com/Tencent-Hunyuan/HunyuanVideo/blob/main/LICENSE.txt",
    uses=(Use("HunyuanVideoPipeline", "text"),),
    fps=24,
    frames=FrameRule(4, 129),
    size=SizeRule(((1280, 720), (960, 960), (960, 544)), 16),
    go_on="latents",
    overlap=17,
    guidance=6.0,
    # Guidance is distilled into the weights; a second pass only serves a negative prompt.
    call={"true_cfg_scale": 1.0, "max_sequence_length": 256},
    negative=False,
    vae_dtype="float16",
    bytes={
        "transformer": 25_640 * MB,
        "text_encoder": 15_010 * MB,
        "text_encoder_2": CLIP_L,
        "vae": 493 * MB,
    },
)
_HUNYUAN_15 = replace(
    _HUNYUAN,
    name="hunyuan-video-1.5-t2v-480p",
    family="hunyuan-video-1.5",
    title="HunyuanVideo 1.5, text to video, 8 billion, 480p",
    hub="hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_t2v",
    licence_url="https://github.com/Tencent-Hunyuan/HunyuanVideo-1.5/blob/main/LICENSE",
    uses=(Use("HunyuanVideo15Pipeline", "text"),),
    frames=FrameRule(4, 121),
    size=SizeRule(((848, 480), (624, 624)), 16),
    guidance_as="guider",
    negative=True,
    call={},
    bytes={
        "transformer": 16_660 * MB,
        "text_encoder": 16_580 * MB,
        "text_encoder_2": 439 * MB,
        "vae": 2_520 * MB,
    },
)
HUNYUAN = (
    _HUNYUAN,
    replace(
        _HUNYUAN,
        name="hunyuan-video-i2v",
        title="HunyuanVideo, picture to video, 13 billion",
        hub="hunyuanvideo-community/HunyuanVideo-I2V",
        licence_url="https://github.com/Tencent-Hunyuan/HunyuanVideo-I2V/blob/main/LICENSE.txt",
        uses=(Use("HunyuanVideoImageToVideoPipeline", "image", either=FIRST),),
        go_on="image",
        overlap=1,
    ),
    _HUNYUAN_15,
    replace(
        _HUNYUAN_15,
        name="hunyuan-video-1.5-i2v-480p",
        title="HunyuanVideo 1.5, picture to video, 8 billion, 480p",
        hub="hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_i2v",
        uses=(Use("HunyuanVideo15ImageToVideoPipeline", "image", either=FIRST),),
        go_on="image",
        overlap=1,
        bytes=dict(_HUNYUAN_15.bytes) | {"image_encoder": 857 * MB},
    ),
)

_COG_CALL: dict[str, object] = {"use_dynamic_cfg": True, "eta": 0.0, "max_sequence_length": 226}
_COG_TEXT = Use("CogVideoXPipeline", "text")
_COG = Preset(
    name="cogvideox-2b",
    family="cogvideox-2b",
    title="CogVideoX, text to video, 2 billion",
    hub="zai-org/CogVideoX-2b",
    licence=APACHE,
    licence_url=APACHE_URL,
    uses=(_COG_TEXT, Use("CogVideoXVideoToVideoPipeline", "video", REMIX)),
    fps=8,
    frames=FrameRule(8, 49),
    size=SizeRule(((720, 480),), 16, fixed=True),
    go_on="latents",
    overlap=17,
    guidance=6.0,
    call=_COG_CALL | {"use_dynamic_cfg": False},
    dtype="float16",
    vae_dtype="float16",
    bytes={"transformer": 3_388 * MB, "text_encoder": T5, "vae": 431 * MB},
    marks={"transformer.num_layers": 30},
    time_axis=1,
)
_COG_5B = replace(
    _COG,
    name="cogvideox-5b",
    family="cogvideox-5b",
    title="CogVideoX, text to video, 5 billion",
    hub="zai-org/CogVideoX-5b",
    licence="CogVideoX License",
    licence_url=HUGGING_FACE + "zai-org/CogVideoX-5b/blob/main/LICENSE",
    call=_COG_CALL,
    dtype="bfloat16",
    vae_dtype="bfloat16",
    bytes=dict(_COG.bytes) | {"transformer": 11_140 * MB},
    marks={"transformer.num_layers": 42},
)
_COG_IMAGE = replace(
    _COG_5B,
    name="cogvideox-5b-i2v",
    title="CogVideoX, picture to video, 5 billion",
    hub="zai-org/CogVideoX-5b-I2V",
    licence_url=HUGGING_FACE + "zai-org/CogVideoX-5b-I2V/blob/main/LICENSE",
    uses=(Use("CogVideoXImageToVideoPipeline", "image", either=FIRST),),
    go_on="image",
    overlap=1,
)
COGVIDEOX = (
    _COG,
    _COG_5B,
    _COG_IMAGE,
    replace(
        _COG_5B,
        name="cogvideox-1.5-5b",
        family="cogvideox-1.5-5b",
        title="CogVideoX 1.5, text to video, 5 billion",
        hub="zai-org/CogVideoX1.5-5B",
        licence_url=HUGGING_FACE + "zai-org/CogVideoX1.5-5B/blob/main/LICENSE",
        # The pipeline that remixes wants an even number of latent frames; 8 k + 1 frames have an
        # odd one, which the other two pipelines fill up themselves.
        uses=(_COG_TEXT,),
        fps=16,
        frames=FrameRule(8, 81),
        size=SizeRule(((1360, 768),), 16),
        marks={"transformer.num_layers": 42, "transformer.patch_size_t": 2},
    ),
    replace(
        _COG_IMAGE,
        name="cogvideox-1.5-5b-i2v",
        family="cogvideox-1.5-5b",
        title="CogVideoX 1.5, picture to video, 5 billion",
        hub="zai-org/CogVideoX1.5-5B-I2V",
        licence_url=HUGGING_FACE + "zai-org/CogVideoX1.5-5B-I2V/blob/main/LICENSE",
        fps=16,
        frames=FrameRule(8, 81),
        size=SizeRule(((1360, 768),), 16),
        marks={"transformer.num_layers": 42, "transformer.patch_size_t": 2},
    ),
)

MOCHI = (
    Preset(
        name="mochi-1",
        family="mochi-1",
        title="Mochi 1, text to video, 10 billion",
        hub="genmo/mochi-1-preview",
        licence=APACHE,
        licence_url=APACHE_URL,
        uses=(Use("MochiPipeline", "text"),),
        fps=30,
        frames=FrameRule(6, 163),
        size=SizeRule(((848, 480),), 16, fixed=True),
        go_on="latents",
        overlap=19,
        steps=64,
        guidance=4.5,
        call={"max_sequence_length": 256},
        bytes={"transformer": 20_060 * MB, "text_encoder": T5, "vae": 919 * MB},
    ),
)

_SVD = Preset(
    name="svd",
    family="svd",
    title="Stable Video Diffusion, picture to video, 14 frames",
    hub="stabilityai/stable-video-diffusion-img2vid",
    licence="Stability AI Community License",
    licence_url="https://stability.ai/license",
    uses=(Use("StableVideoDiffusionPipeline", "moving", either=FIRST),),
    fps=7,
    frames=FrameRule(1, 14, fixed=True),
    size=SizeRule(((1024, 576), (576, 1024)), 64, fixed=True),
    go_on="image",
    steps=25,
    guidance=3.0,
    guidance_as="max_guidance_scale",
    negative=False,
    call={
        "min_guidance_scale": 1.0,
        "fps": 7,
        "motion_bucket_id": 127,
        "noise_aug_strength": 0.02,
    },
    dtype="float16",
    vae_dtype="float16",
    bytes={"unet": 3_050 * MB, "image_encoder": CLIP_H, "vae": 195 * MB},
    marks={"unet.num_frames": 14},
)
SVD = (
    _SVD,
    replace(
        _SVD,
        name="svd-xt",
        title="Stable Video Diffusion, picture to video, 25 frames",
        hub="stabilityai/stable-video-diffusion-img2vid-xt",
        frames=FrameRule(1, 25, fixed=True),
        marks={"unet.num_frames": 25},
    ),
)

_SD_BYTES = {"unet": 1_719 * MB, "text_encoder": CLIP_L, "vae": 167 * MB}
_SD = Preset(
    name="stable-diffusion-1.5",
    family="stable-diffusion-1.5",
    title="Stable Diffusion 1.5, stills",
    hub="stable-diffusion-v1-5/stable-diffusion-v1-5",
    licence="CreativeML OpenRAIL-M",
    licence_url=HUGGING_FACE + "spaces/CompVis/stable-diffusion-license",
    uses=(
        Use("StableDiffusionPipeline", "still"),
        Use("StableDiffusionImg2ImgPipeline", "picture", REMIX),
        Use("StableDiffusionInpaintPipeline", "inpaint", INPAINT, takes=STRENGTH),
    ),
    fps=8,
    frames=FrameRule(1, 1),
    size=SizeRule(((768, 512), (512, 512)), 8),
    max_seconds=STILL_SECONDS,
    guidance=7.5,
    call={"eta": 0.0, "guidance_rescale": 0.0, "clip_skip": None},
    dtype="float16",
    vae_dtype="float16",
    bytes=_SD_BYTES,
)
STILLS = (
    _SD,
    replace(
        _SD,
        name="stable-diffusion-xl",
        family="stable-diffusion-xl",
        title="Stable Diffusion XL, stills",
        hub="stabilityai/stable-diffusion-xl-base-1.0",
        licence="CreativeML Open RAIL++-M",
        licence_url=HUGGING_FACE + "stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
        uses=(
            Use("StableDiffusionXLPipeline", "still"),
            Use("StableDiffusionXLImg2ImgPipeline", "picture", REMIX),
            Use(
                "StableDiffusionXLInpaintPipeline",
                "inpaint",
                INPAINT,
                takes=frozenset({"strength"}),
            ),
        ),
        size=SizeRule(((1344, 768), (1024, 1024)), 8),
        guidance=5.0,
        vae_dtype="float32",
        bytes={
            "unet": 5_135 * MB,
            "text_encoder": CLIP_L,
            "text_encoder_2": 1_390 * MB,
            "vae": 335 * MB,
        },
    ),
)
ANIMATEDIFF = (
    replace(
        _SD,
        name="animatediff",
        family="stable-diffusion-1.5",
        title="AnimateDiff 1.5.3 on Stable Diffusion 1.5, text to video",
        parts={"motion_adapter": "guoyww/animatediff-motion-adapter-v1-5-3"},
        uses=(
            Use("AnimateDiffPipeline", "text"),
            Use("AnimateDiffVideoToVideoPipeline", "video", REMIX),
        ),
        frames=FrameRule(1, 16, fixed=True),
        size=SizeRule(((512, 512), (640, 384)), 8),
        go_on="latents",
        overlap=4,
        max_seconds=60.0,
        steps=25,
        call={"eta": 0.0, "clip_skip": None},
        # What its motion was trained with; Stable Diffusion's own belongs to stills.
        scheduler={
            "_class_name": "DDIMScheduler",
            "beta_schedule": "linear",
            "clip_sample": False,
            "timestep_spacing": "linspace",
            "steps_offset": 1,
        },
        bytes=_SD_BYTES | {"motion_adapter": 907 * MB},
    ),
)

PRESETS: tuple[Preset, ...] = (
    *WAN, *LTX, *HUNYUAN, *COGVIDEOX, *MOCHI, *SVD, *ANIMATEDIFF, *STILLS,
)  # fmt: skip


def preset_named(name: str) -> Preset | None:
    """The preset of this name."""
    return next((preset for preset in PRESETS if preset.name == name), None)
