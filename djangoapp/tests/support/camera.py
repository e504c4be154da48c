"""A camera that looks at a picture: Chromium plays a film instead of asking the machine for a camera."""

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 640, 480


def film_of(picture: Path, film: Path) -> Path:
    """Write a film (Y4M) that shows a picture, on grey, as a telephone would see it at arm's length."""
    with Image.open(picture) as image:
        shown = image.convert("L")
        shown.thumbnail((HEIGHT // 2, HEIGHT // 2))
        frame = Image.new("L", (WIDTH, HEIGHT), 160)
        frame.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
    with film.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _second in range(10):
            file.write(b"FRAME\n" + frame.tobytes() + colourless)
    return film


def camera_options(film: Path) -> list[str]:
    """How Chromium is started with that film as its camera, which every page may use."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
