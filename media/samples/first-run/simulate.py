"""How a hot spot cools on a metal plate whose edges are kept at 20 °C.

Solves the heat equation on a grid by finite differences, prints its progress, and writes
cooling.csv (temperatures over time) and plate.svg (the plate at the end).
In VS Code: select all of it and choose "Offload: Run Selection in Sandbox" from the right-click menu.
"""

import csv
import math

SIZE = 120  # cells along each side of the plate
SPACING = 0.0025  # metres from cell to cell
DIFFUSIVITY = 2.3e-5  # square metres a second: iron
EDGE, SPOT = 20.0, 600.0  # degrees Celsius
DURATION = 60.0  # seconds
REPORTS = 20

# The largest step at which the scheme stays stable, with a margin.
time_step = 0.9 * SPACING**2 / (4 * DIFFUSIVITY)
steps = math.ceil(DURATION / time_step)


def heated_plate():
    """The plate at the start: two hot discs on a cold plate."""
    discs = [(0.35, 0.4, 0.16), (0.68, 0.66, 0.1)]
    plate = [[EDGE] * SIZE for _ in range(SIZE)]
    for row in range(1, SIZE - 1):
        for column in range(1, SIZE - 1):
            x, y = column / SIZE, row / SIZE
            if any(math.hypot(x - cx, y - cy) < radius for cx, cy, radius in discs):
                plate[row][column] = SPOT
    return plate


def advance(plate):
    """The plate one time step later."""
    factor = DIFFUSIVITY * time_step / SPACING**2
    following = [plate[0]]
    for above, here, below in zip(plate, plate[1:], plate[2:]):
        inner = [
            centre + factor * (up + down + left + right - 4 * centre)
            for up, down, left, centre, right in zip(above[1:], below[1:], here, here[1:], here[2:])
        ]
        following.append([EDGE, *inner, EDGE])
    following.append(plate[-1])
    return following


def colour(temperature, hottest):
    """From dark blue (cold) over red to yellow (hot)."""
    share = (temperature - EDGE) / max(hottest - EDGE, 1e-9)
    red = min(1.0, 0.1 + 1.6 * share)
    green = max(0.0, 1.6 * share - 0.6)
    blue = max(0.0, 0.45 * (1 - 2 * share))
    return "#" + "".join(f"{round(255 * min(1.0, part)):02x}" for part in (red, green, blue))


def write_picture(plate, path):
    cell = 8
    every_second = [row[::2] for row in plate[::2]]
    hottest = max(map(max, every_second))
    side = len(every_second) * cell
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">\n')
        for row, temperatures in enumerate(every_second):
            for column, temperature in enumerate(temperatures):
                place = f'x="{column * cell}" y="{row * cell}" width="{cell}" height="{cell}"'
                file.write(f'<rect {place} fill="{colour(temperature, hottest)}"/>\n')
        file.write("</svg>\n")


def main():
    print(f"A plate of {SIZE} x {SIZE} cells, {DURATION:.0f} s in {steps} steps", flush=True)
    plate = heated_plate()
    rows = []
    for step in range(1, steps + 1):
        plate = advance(plate)
        if step * REPORTS // steps > (step - 1) * REPORTS // steps:
            hottest = max(map(max, plate))
            mean = sum(map(sum, plate)) / SIZE**2
            rows.append([round(step * time_step, 2), round(hottest, 2), round(mean, 2)])
            print(f"{100 * step // steps:3d} %  hottest {hottest:6.1f} °C  mean {mean:5.1f} °C", flush=True)
    with open("cooling.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["seconds", "hottest", "mean"])
        writer.writerows(rows)
    write_picture(plate, "plate.svg")
    print("Wrote cooling.csv and plate.svg", flush=True)


main()
