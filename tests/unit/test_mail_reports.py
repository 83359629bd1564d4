"""Bounces and complaints, read from what servers write, and from what they never would."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from backend.mailing.reports import Report, ReportKind, report_of
from tests.unit import report_samples as samples

HARD, SOFT = ReportKind.HARD_BOUNCE, ReportKind.SOFT_BOUNCE
COMPLAINT, NO_NEWS = ReportKind.COMPLAINT, ReportKind.NO_NEWS
REFERENCE = "token uid notice 0011223344556677"

ALL = [value for value in vars(samples).values() if isinstance(value, bytes)]


def read(raw: bytes) -> Report:
    report = report_of(raw)
    assert report is not None
    return report


class TestServers:
    """What each of them writes comes to the same."""

    @pytest.mark.parametrize(
        "name",
        ["POSTFIX", "EXIM", "GMAIL", "HEADERS_ONLY", "IN_BASE64", "IN_UTF8", "WITHOUT_ACTION",
         "BARE_LINE_FEEDS", "ALIAS_ALL_DEAD"],
    )  # fmt: skip
    def test_nobody_is_there(self, name: str):
        """A hard bounce, whatever the report looks like, with both marks of the mail."""
        report = read(getattr(samples, name))

        assert (HARD, "5.1.1") == (report.kind, report.code)
        assert (REFERENCE,) == report.references
        assert samples.TO in report.addresses

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("EXCHANGE", (HARD, "5.1.10")),
            ("WITHOUT_ORIGINAL", (HARD, "5.1.1")),
            ("BROKEN_OFF", (HARD, "5.1.1")),
            ("FULL", (SOFT, "5.2.2")),
            ("EXPIRED", (SOFT, "4.4.7")),
            ("SPAM_FILTER", (SOFT, "5.7.1")),
            ("BARE_CODE", (SOFT, "5.0.0")),
            ("ALIAS_ONE_FULL", (SOFT, "5.2.2")),
            ("ALIAS_ONE_ALIVE", (SOFT, "5.1.1")),
            ("DELAYED", (NO_NEWS, "")),
            ("DELIVERED", (NO_NEWS, "")),
            ("CONTRADICTION", (NO_NEWS, "")),
        ],
    )
    def test_how_bad_it_is(self, name: str, expected: tuple[ReportKind, str]):
        """Only codes that speak of the address make a bounce hard: the rest may pass."""
        report = read(getattr(samples, name))

        assert expected == (report.kind, report.code)

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("abuse", COMPLAINT), ("Fraud", COMPLAINT), ("opt-out", COMPLAINT), ("not-spam", NO_NEWS),
         ("virus", NO_NEWS), ("auth-failure", NO_NEWS), ("other", NO_NEWS), ("", NO_NEWS)],
    )  # fmt: skip
    @pytest.mark.parametrize("quoted", [True, False])
    def test_complaints(self, kind: str, expected: ReportKind, quoted: bool):
        """Readers complain; `not-spam` and a broken signature are no complaints of theirs."""
        report = read(samples.feedback(kind, quoted=quoted))

        assert (expected, (REFERENCE,)) == (report.kind, report.references)
        assert samples.TO in report.addresses

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"Subject: I am on holiday\r\nAuto-Submitted: auto-replied\r\n\r\nUntil Monday.\r\n",
            samples.laid_out(samples.WORDS, samples.RETURNED),
            samples.POSTFIX.replace(b"multipart/report", b"multipart"),
            samples.POSTFIX.replace(b'boundary="b1"', b'boundary="b2"'),
            samples.POSTFIX.replace(b'boundary="b1"', b""),
        ],
        ids=["nothing", "holiday", "no status", "no multipart", "other boundary", "no boundary"],
    )
    def test_what_is_no_report(self, raw: bytes):
        """An answer to our mail must not silence who wrote it."""
        assert report_of(raw) is None

    def test_a_mark_in_the_text_is_none(self):
        """Only headers count: somebody may quote a mail of ours in one of their own."""
        quoting = samples.laid_out(
            f"Content-Type: text/plain\n\n{samples.ORIGINAL}",
            samples.status(samples.MTA + samples.recipient("failed", "5.1.1")),
        )

        assert () == read(quoting).references


class TestHostile:
    """Anybody can send anything here."""

    @settings(max_examples=400, deadline=None)
    @given(some.binary(max_size=2_000))
    @example(b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n")
    def test_any_bytes_are_no_fault(self, raw: bytes):
        """Nothing is raised, and noise is no report."""
        assert report_of(raw) is None

    @settings(max_examples=600, deadline=None)
    @given(some.data())
    def test_spoilt_reports_are_no_fault(self, data: some.DataObject):
        """Bytes taken out, put in and repeated: what comes of it is a report, or none."""
        raw = data.draw(some.sampled_from(ALL))
        for _ in range(data.draw(some.integers(1, 6))):
            begin = data.draw(some.integers(0, len(raw)))
            end = min(len(raw), begin + data.draw(some.integers(0, 60)))
            put_in = data.draw(some.one_of(
                some.binary(max_size=30),
                some.sampled_from([b"\r\n", b"\r\n\r\n", b"--b1\r\n", b"--b1--", b":", b";", b'"',
                                   b"\x00", b"\xff", b"=?utf-8?q?=00?=", raw[begin:end]]),
            ))  # fmt: skip
            raw = raw[:begin] + put_in + raw[end:]

        report = report_of(raw)

        assert report is None or report.kind in ReportKind
        assert report is None or len(report.addresses) <= 40

    @pytest.mark.parametrize(
        "raw",
        [
            b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n" * 150_000,
            b"".join(
                b"Content-Type: multipart/report; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
                for n in range(15_000)
            ),
            b"X: " + b"a" * 900_000 + b"\r\n\r\n",
            b"a:b\r\n" * 180_000,
            b"X: y\r\n" + b" \t" * 400_000 + b"\r\n\r\n",
            b"\n \n" * 300_000,
            b"Content-Type: a/b" + b';x="\\"' * 100_000 + b"\r\n\r\n",
            b"Content-Type: " + b"(" * 500_000 + b"\r\n\r\n",
            samples.laid_out(samples.status("To: " + "a" * 400_000 + "@\n" * 100)),
            samples.laid_out(samples.status("Final-Recipient: x\nAction: failed\n\n" * 20_000)),
            samples.laid_out(head="".join(f"To: {'a' * 60}@{'b' * 60}\n" for _ in range(5_000))),
            samples.laid_out(samples.status("Action: failed\nStatus: 5." + "1" * 500_000)),
        ],
        ids=["delimiters", "nested", "line", "fields", "folds", "blanks", "parameters", "comments",
             "address", "recipients", "recipients of the report", "digits"],
    )  # fmt: skip
    def test_a_megabyte_of_anything_is_read_in_passing(self, raw: bytes):
        """One pass, whatever it repeats: hundredths of a second, where a square takes minutes."""
        began_s = time.thread_time()
        report_of(raw)

        assert time.thread_time() - began_s < 5
