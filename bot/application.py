"""What every surface is given: the settings, the index, the encoder and the assistant."""

import threading
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answers.aspects import reference_texts
from bot.answers.assistant import Assistant
from bot.answers.model import load_model
from bot.settings import Settings
from index.encoding.batching import BatchingEncoder
from index.encoding.encoder import Encoder
from index.encoding.loading import load_encoder
from index.snapshots.home import Home
from index.snapshots.manifest import Manifest, read_knowledge_paths, read_manifest
from index.snapshots.snapshot import Snapshot
from index.snapshots.snapshots import SnapshotListing, list_snapshots, roll_back
from knowledge.errors import KnowledgeError, NoSnapshotError, SnapshotError
from knowledge.reading.listing import has_guides

if TYPE_CHECKING:
    from bot.library.inspection import InspectedDocument
    from bot.library.library import DocumentListing, Library
    from index.build import BuildReport, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in service; `is_calibrated` where its encoder has thresholds of its own.

    `snapshots` are all that there are, the newest last.
    """

    home: Path
    manifest: Manifest
    roles_with_guide: tuple[str, ...]
    roles_mentioned: tuple[str, ...]
    is_calibrated: bool
    snapshots: tuple[SnapshotListing, ...] = ()


class Application:
    """Holds together what a process needs; the encoder is loaded when it is first used."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is read or loaded yet."""
        self.settings = settings
        self.home = Home(settings.home)
        self.assistant = Assistant(self.home, self.load_encoder, settings)
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()

    def load_encoder(self) -> Encoder:
        """Return the encoder that the settings name, loaded once; several threads may use it.

        Raises:
            EncoderError: it can't be loaded.
        """
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = BatchingEncoder(
                    load_encoder(self.home, self.settings.index, self._fingerprint_in_service())
                )
            return self._encoder

    def _fingerprint_in_service(self) -> str | None:
        try:
            folder = self.home.folder_of(self.home.current_name())
            return read_manifest(folder).encoder.fingerprint
        except SnapshotError:
            return None

    def knowledge_paths(self) -> tuple[Path, ...]:
        """Return where guides are read from when a build names no path.

        The settings' folders; else those that the index in service was built from, be the rest of
        it damaged; else the folder of guides in the home, once there are any; else the guide that
        ships with Rolewise.

        Raises:
            DamagedSnapshotError: there is an index, but what it was built from can't be told.
            KnowledgeError: what it was built from is gone.
        """
        if self.settings.knowledge.paths:
            return self.settings.knowledge.paths
        own = self._own_guides
        try:
            built_from = self.home.use_current(read_knowledge_paths)
        except NoSnapshotError:
            built_from = (own,)
        # Guides of one's own take the place of the one that ships, which comes back without them.
        if built_from in {(own,), (seed_folder(),)}:
            return (own,) if has_guides(own) else (seed_folder(),)
        if gone := [str(path) for path in built_from if not path.exists()]:
            raise KnowledgeError(
                f"The guides that the index was built from are gone: {', '.join(gone)}. Name where"
                " they are now: rolewise build PATH"
            )
        return built_from

    @property
    def _own_guides(self) -> Path:
        return self.home.path / "guides"

    def guides_folder(self) -> Path:
        """Return where guides are added: the first folder that they are read from.

        Where that is none but the guide that ships with Rolewise, it is a folder in the home.

        Raises:
            DamagedSnapshotError: there is an index, but what it was built from can't be told.
            KnowledgeError: what it was built from is gone, or is no folder.
        """
        paths = self.knowledge_paths()
        if paths == (seed_folder(),):
            return self._own_guides
        for path in paths:
            if path.is_dir() or not path.exists():
                return path
        raise KnowledgeError(
            f"Guides are read from files alone ({', '.join(map(str, paths))}), so there is no"
            " folder to add to. Name a folder in knowledge.paths, or behind rolewise build."
        )

    def documents(self) -> "tuple[DocumentListing, ...]":
        """Return every file that guides are read from, and how the index has it.

        Raises:
            KnowledgeError: what guides are read from is gone, or a side-car is wrong.
        """
        return self._library().list_documents()

    def add_document(self, name: str, data: bytes, *, replace: bool = False) -> str:
        """Put a guide into the knowledge folder, whole or not at all, and return its id.

        The index has it after the next build.

        Args:
            name: The file's name, without a folder.
            data: All its bytes.
            replace: Whether it may take the place of a guide of this name.

        Raises:
            KnowledgeError: its name, kind or size is none of a guide, it can't be read as what it
                is called, or there is one of this name already.
            StorageError: the folder can't be written.
        """
        folder = self.guides_folder()
        several = sum(path.is_dir() for path in self.knowledge_paths()) > 1
        prefix = f"{folder.resolve().name}/" if several else ""
        return self._library().add_document(folder, prefix, name, data, replace=replace)

    def remove_document(self, id_: str) -> None:
        """Delete a guide's file; the index has it until the next build.

        Raises:
            KnowledgeError: there is none, or it is the one that ships with Rolewise.
            StorageError: it can't be deleted.
        """
        self.check_own_guides()
        self._library().remove_document(id_)

    def check_own_guides(self) -> None:
        """Do nothing where guides can be removed.

        Raises:
            KnowledgeError: there is none but the one that ships with Rolewise.
        """
        if self.knowledge_paths() == (seed_folder(),):
            raise KnowledgeError(
                "The guide that ships with Rolewise can't be removed. It is left out once there is"
                " one of your own: rolewise docs add FILE"
            )

    def inspect_document(self, id_: str) -> "InspectedDocument":
        """Return how a guide is read and split, as it is now.

        Raises:
            KnowledgeError: there is none of this id, or it can't be read.
            EncoderError: the encoder can't be loaded.
        """
        from bot.library.inspection import inspect_document
        from index.snapshots.earlier_store import EarlierStore

        file = self._library().find_file(id_)
        with closing(EarlierStore(self._store_in_service())) as known:
            return inspect_document(file, known, self.load_encoder(), self.settings.knowledge)

    def _store_in_service(self) -> Path | None:
        try:
            with closing(Snapshot.open_current(self.home)) as snapshot:
                return snapshot.store.path
        except SnapshotError:
            return None

    def is_indexed(self, id_: str) -> bool:
        """Return whether any snapshot has a document of this id."""
        from bot.library.purging import is_in_a_snapshot

        return is_in_a_snapshot(self.home, id_)

    def purge(
        self, ids: Collection[str], progress: "Progress" = lambda stage, done, total: None
    ) -> tuple[str, ...]:
        """Build without documents that were removed, and delete every snapshot that has them.

        Returns:
            The names of the snapshots that were deleted.

        Raises:
            BusyError: another process is building, or goes on reading a snapshot.
            RolewiseError: what building raises.
        """
        from bot.library.purging import purge_documents

        return purge_documents(self, ids, progress)

    def delete_leftovers(self) -> None:
        """Delete what was being added to the knowledge folder when a process was killed."""
        self._library().delete_leftovers()

    def _library(self) -> "Library":
        from bot.library.library import Library

        return Library(self.home, self.knowledge_paths(), self.settings.knowledge)

    def build(
        self,
        paths: Sequence[Path] = (),
        *,
        is_full: bool = False,
        progress: "Progress" = lambda stage, done, total: None,
    ) -> "BuildReport":
        """Build an index of the guides under the paths and put it into service.

        Raises:
            KnowledgeError: there are no guides.
            EncoderError: the encoder can't be loaded.
            BusyError: another process is building.
            StorageError: the home can't be written or the disk is full.
        """
        from index.build import build_snapshot

        return build_snapshot(
            self.home,
            tuple(paths) or self.knowledge_paths(),
            self.load_encoder,
            knowledge_settings=self.settings.knowledge,
            index_settings=self.settings.index,
            references=reference_texts(),
            is_full=is_full,
            progress=progress,
        )

    def rebuild(
        self,
        paths: Sequence[Path] = (),
        *,
        is_full: bool = False,
        progress: "Progress" = lambda stage, done, total: None,
    ) -> "BuildReport":
        """Build beside the questions: in a process of its own, at low priority.

        `progress` is called at least every half second; what it raises stops the build.

        Raises:
            BuildStoppedError: the process was ended from outside.
            RolewiseError: what `build` raises.
        """
        from bot.library.rebuilding import rebuild_in_process

        return rebuild_in_process(self, paths, is_full=is_full, progress=progress)

    def has_index(self) -> bool:
        """Return whether anything has been built, be it damaged or stale."""
        try:
            self.home.current_name()
        except NoSnapshotError:
            return False
        except SnapshotError:
            return True
        return True

    def has_encoder(self) -> bool:
        """Return whether any encoder is kept ready in the home."""
        return any(self.home.exports.glob("*"))

    def read_status(self) -> Status:
        """Return what is in service, without loading the encoder.

        Raises:
            SnapshotError: nothing is, or it can't be opened.
        """
        snapshot = Snapshot.open_current(self.home)
        try:
            roles = snapshot.roles
            return Status(
                home=self.home.path,
                manifest=snapshot.manifest,
                roles_with_guide=tuple(role.name for role in roles if role.has_guide),
                roles_mentioned=tuple(role.name for role in roles if not role.has_guide),
                is_calibrated=load_model(
                    self.home.path, snapshot.manifest.encoder.fingerprint
                ).is_calibrated,
                snapshots=self.snapshots(),
            )
        finally:
            snapshot.close()

    def snapshots(self) -> tuple[SnapshotListing, ...]:
        """Return the snapshots in the order of building, the newest last."""
        return list_snapshots(self.home)

    def roll_back(self, name: str | None = None) -> str:
        """Put an earlier snapshot into service, by default the one before; return its name.

        Raises:
            SnapshotError: there is no such snapshot, or it is damaged or stale.
            EncoderError: the encoder can't be loaded.
            BusyError: another process is building.
            StorageError: the home can't be written.
        """
        return roll_back(self.home, name, self.load_encoder)

    def close(self) -> None:
        """Close the index."""
        self.assistant.close()


def seed_folder() -> Path:
    """Return the folder of the guide that ships with Rolewise."""
    installed = Path(str(files("knowledge"))) / "seeds"
    # An editable installation has no copy in the package: there it lies beside it.
    return installed if installed.is_dir() else installed.parent.parent / "seeds"
