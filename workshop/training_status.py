"""How far along a training is, in numbers, in a line of text and as a curve."""

from __future__ import annotations

from dataclasses import dataclass, field

from kit.i18n import told
from kit.wrap import is_wider
from workshop.draw import lines_picture
from workshop.picture import Picture

MINUTE = 60
HOUR = 60 * MINUTE
SLOW = 2 / 3  # steps per second; below, we say how long one takes
DROPPED = ("speed", "training", "validation", "step")  # from a line that's too long, one after the other


@dataclass
class Status:
    """How far along a training is. A point on the curve is a step, the mean training loss since the previous point, and
    the validation loss. At step 0 the training loss is that of the first batch."""

    step: int = 0
    steps: int = 0
    training_loss: float = float("nan")  # mean of the last batches
    points: list[tuple[int, float, float]] = field(default_factory=list)  # step, training loss, validation loss
    samples: dict[int, str] = field(default_factory=dict)  # what the model wrote, by the step after which it did
    seconds: float = 0.0

    @property
    def sample(self) -> str:
        """What the model wrote last; empty if it hasn't been asked since the first step."""
        return self.samples[self.sample_step] if self.sample_step else ""

    @property
    def sample_step(self) -> int:
        """After which step it did."""
        return max(self.samples, default=0)

    @property
    def over(self) -> bool:
        """Whether the last step is done."""
        return self.step >= self.steps

    @property
    def per_second(self) -> float:
        """Steps per second so far."""
        return self.step / self.seconds if self.seconds > 0 else 0.0

    @property
    def best(self) -> tuple[int, float] | None:
        """The step with the lowest validation loss so far, and that loss. Step 0 is no step."""
        after = ((step, loss) for step, _, loss in self.points if step)
        return min(after, key=lambda point: point[1], default=None)

    def line(self, width: int | None = None) -> str:
        """Everything except the curve and the sample, in one line; in fewer columns, only what matters most."""
        parts = {
            "step": told(f"step {self.step} of {self.steps}"),
            "training": told(f"training loss {self.training_loss:.3f}"),
            "validation": told(f"validation loss {self.points[-1][2]:.3f}") if self.points else "",
            "speed": speed(self.per_second),
            "time": self.time(),
        }
        for dropped in ("", *DROPPED):
            parts.pop(dropped, None)
            line = " · ".join(filter(None, parts.values()))
            if width is None or not is_wider(line, width):
                break
        return line

    def time(self) -> str:
        """The time that's left; at the end, the time it took."""
        if self.over or not self.per_second:
            return told(f"{clock(self.seconds)} so far")
        return told(f"{clock((self.steps - self.step) / self.per_second)} left")

    def last_line(self) -> str:
        """The line that stays once the training is over or has been stopped."""
        spent, best = clock(self.seconds), self.best
        said = [
            f"done in {spent}" if self.over else f"stopped after step {self.step} of {self.steps} in {spent}",
            *([f"best validation loss {best[1]:.3f} after step {best[0]}"] if best else ()),
        ]
        return "; ".join(map(told, said))

    def curve(self) -> Picture | None:
        """Both losses over the steps; None before the first point."""
        if not self.points:
            return None
        steps, training, validation = zip(*self.points, strict=True)
        return lines_picture(
            {told("training"): training, told("validation"): validation},
            x=list(steps),
            title=told(f"The loss after {self.points[-1][0]} of {self.steps} steps"),
            x_name=told("step"),
            y_name=told("loss"),
            alt=told(
                f"Two lines from step {steps[0]} to {steps[-1]}: the training loss goes from {training[0]:.2f} to "
                f"{training[-1]:.2f}, the validation loss from {validation[0]:.2f} to {validation[-1]:.2f}."
            ),
        )


def clock(seconds: float) -> str:
    """Seconds for people: `7 s`, `2 min 05 s`, `3 h 07 min`."""
    whole = round(seconds)
    if whole < MINUTE:
        return told(f"{whole} s")
    if whole < HOUR:
        return told(f"{whole // MINUTE} min {whole % MINUTE:02d} s")
    return told(f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min")


def speed(per_second: float) -> str:
    """How fast the steps are, for people: `17 steps/s`, `1 step/s`, `4 s a step`; empty if that isn't known."""
    if per_second <= 0:
        return ""
    if per_second < SLOW:
        return told(f"{1 / per_second:.0f} s a step")
    whole = max(1, round(per_second))
    return told("1 step/s" if whole == 1 else f"{whole} steps/s")
