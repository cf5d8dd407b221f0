from tests.workbench.measure.image_building import detail, image, shipped
from tests.workbench.measure.layer_building import file, layers, whiteout
from workbench.measure.analysis import analyse
from workbench.model.image_index import BaseSplit


def test_totals_by_hand() -> None:
    index = image(
        layers(
            [file("a", 10, "1"), file("b", 100, "b"), file("d/c", 40, "c")],
            [file("a", 20, "2"), file("copy", 100, "b")],
            [whiteout("d"), file("b", 100, "b")],
        )
    )
    found = analyse(index).bytes
    assert (found.shipped, found.final) == (370, 220)
    assert (found.removed, found.overwritten, found.copied_up, found.hidden) == (40, 10, 100, 150)
    assert (found.duplicate, found.wasted) == (100, 250)
    assert found.efficiency == 220 / 370


def test_an_image_of_nothing_is_efficient() -> None:
    found = analyse(image([]))
    assert found.bytes.efficiency == 1.0
    assert found.base == BaseSplit()
    assert found.unowned_bytes == 0


def test_everything_is_filled() -> None:
    stacked, kept = shipped(
        {
            "var/lib/dpkg/status": "Package: bash\nStatus: install ok installed\nVersion: 5\nArchitecture: amd64\n",
            "var/lib/dpkg/info/bash.list": "/bin/bash\n",
            "bin/bash": file("bin/bash", 50),
        },
        {"srv/app.py": file("srv/app.py", 7)},
    )
    about = detail("ADD x /", '-CMD ["bash"]', "COPY . /srv")
    local = [("debian:12", [stacked[0].diff_id])]
    found = analyse(
        image(stacked, about), kept, local_images=local, dockerfile="FROM debian:12\n# our code\nCOPY . /srv\n"
    )
    assert found.base == BaseSplit(1, "debian:12", "local image")
    assert [found.is_base(layer) for layer in (0, 1)] == [True, False]
    assert [found.instruction(layer) for layer in (0, 1, 2)] == ["ADD x /", "COPY . /srv", ""]
    assert found.dockerfile_lines == (None, 3)
    assert [(one.name, one.version, one.size_bytes) for one in found.packages] == [("bash", "5", 60)]
    shell, code = found.overlay.find("bin/bash"), found.overlay.find("srv/app.py")
    assert shell is not None
    assert code is not None
    owner = found.owner(shell)
    assert owner is not None
    assert owner.name == "bash"
    assert found.owner(code) is None
    assert found.unowned_bytes == found.bytes.final - 60
    assert [(one.layer, one.kind) for one in found.package_changes] == [(0, "arrived")]
    assert found.sizes[0] == found.bytes.final
    assert analyse(image(stacked, about), kept).dockerfile_lines == ()


def test_an_annotation_of_the_manifest_wins_over_a_label_from_the_base() -> None:
    name = "org.opencontainers.image.base.name"
    index = image(layers([file("a", 1)]), detail("ADD x"), labels=((name, "debian"),))
    assert analyse(index).base == BaseSplit(0, "debian", "annotation")
    assert analyse(index, annotations={name: "python"}).base.name == "python"
