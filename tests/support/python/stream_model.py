"""What a client may see of a channel: a gap-free run of its publications, or it was told.

Pure: fed with what clients were sent and with what the backend did; raises Violation.
"""


class Violation(AssertionError):
    pass


class Truth:
    """What has been published, as far as anybody knows. One for a whole run."""

    def __init__(self):
        self.by_place = {}  # (channel, epoch, offset) -> id
        self.owner_of = {}  # owner channels: id of a publication -> the session that may see it; None: nobody yet
        self.unowned = {}  # channel -> ids published before it was bound to anybody
        self.confirmed = {}  # channels without history: channel -> serials that were accepted
        self.seen = self.recovered = self.gaps = self.activated = 0  # how much was tried at all

    def placed(self, channel, epoch, offset, ident):
        known = self.by_place.setdefault((channel, epoch, offset), ident)
        if known != ident:
            raise Violation(f"{channel} {epoch}/{offset} is {known} for one and {ident} for another")

    def bound(self, channel, session):
        for ident in self.unowned.pop(channel, []):
            self.owner_of[ident] = session

    def published_for(self, channel, ident, session):
        """Before it is sent. `session` None: the channel is bound to nobody."""
        self.owner_of[ident] = session
        if session is None:
            self.unowned.setdefault(channel, []).append(ident)


class ChannelView:
    """One client's view of one channel, over all its connections."""

    def __init__(self, truth, session, channel):
        self.truth, self.session, self.channel = truth, session, channel
        self.epoch, self.offset = None, None  # the last that was seen, or was told to be before the first
        self.replay_end = None  # after an activation: publications up to here follow, from wherever they begin
        self.pending = self.subscribed = False
        self.runs = []  # without history: the serials of each subscription

    def fail(self, what):
        raise Violation(f"session {self.session} on {self.channel} at {self.epoch}/{self.offset}: {what}")

    @property
    def wish(self):
        """The members of a subscribe command, or of an entry of `subs`."""
        if self.offset is None or not self.epoch:
            return {}
        return {"recover": True, "epoch": self.epoch, "offset": self.offset}

    def lost(self):
        """The connection or the subscription has ended."""
        self.subscribed = self.pending = False
        self.replay_end = None

    def take_result(self, result, wished, by_push=False):
        """A subscribe result: of a command, in `subs`, or in a push."""
        self.runs.append([])
        self.replay_end = None
        self.subscribed, self.pending = True, result.get("pending", False)
        if self.pending:
            return
        epoch, offset = result.get("epoch"), result.get("offset", 0)
        publications = result.get("publications", [])
        if not epoch:
            if publications:
                self.fail(f"publications of a channel without history: {result}")
            return
        if wished and not result.get("was_recovering"):
            self.fail(f"recovery was asked for and not answered: {result}")
        self.truth.activated += by_push
        if result.get("recovered"):
            self.truth.recovered += 1
            if epoch != wished["epoch"]:
                self.fail(f"recovered from another epoch: {result}")
            self.epoch, self.offset = wished["epoch"], wished["offset"]
            if by_push:
                return  # what was missed follows
            for publication in publications:
                self.take(publication)
            if self.offset != offset:
                self.fail(f"recovered up to {self.offset}, said to be {offset}: {result}")
            return
        if wished and result.get("gap") not in ("epoch_changed", "trimmed", "limit"):
            self.fail(f"not recovered, and not told why: {result}")
        self.truth.gaps += bool(wished)
        self.epoch, self.offset = epoch, None
        for publication in publications:
            self.take(publication)
        if publications and self.offset != offset:
            self.fail(f"publications end at {self.offset}, not at {offset}")
        self.offset = offset
        if by_push:
            self.offset, self.replay_end = None, offset

    def take(self, publication):
        """A publication that was missed, or a live one."""
        data, offset = publication["data"], publication.get("offset")
        ident = data["id"]
        self.truth.seen += 1
        if ident in self.truth.owner_of and self.truth.owner_of[ident] != self.session:
            self.fail(f"got {ident}, which is for {self.truth.owner_of[ident]}")
        if offset is None:
            if self.epoch:
                self.fail(f"{ident} has no offset")
            self.runs[-1].append(data["serial"])
            return
        if self.replay_end is not None:
            if offset > self.replay_end + 1:
                self.fail(f"{offset} is the first after an activation at {self.replay_end}")
            self.replay_end = None
        elif self.offset is not None and offset != self.offset + 1:
            self.fail(f"{offset} came after {self.offset}")
        self.offset = offset
        self.truth.placed(self.channel, self.epoch, offset, ident)

    def check_runs(self):
        """Without history: within a subscription nothing that was accepted between two that came is missing."""
        confirmed = self.truth.confirmed.get(self.channel, set())
        for run in self.runs:
            for before, after in zip(run, run[1:]):
                if after <= before:
                    self.fail(f"{after} came after {before}")
                missing = confirmed.intersection(range(before + 1, after))
                if missing:
                    self.fail(f"{sorted(missing)} never came, between {before} and {after}")
