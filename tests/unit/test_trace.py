"""W3C Trace Context: what is taken over from a caller, and what is not."""

import pytest

from backend.kit.trace import Trace, begun, current, read, within

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE_ID}-{SPAN_ID}-01"


class TestRead:
    """`read`"""

    def test_a_valid_header_is_taken_over(self):
        """And given on as it came."""
        trace = read(VALID)

        assert Trace(TRACE_ID, SPAN_ID, is_sampled=True) == trace
        assert VALID == trace.traceparent

    @pytest.mark.parametrize("flags", ["00", "02", "fe"])
    def test_only_the_first_flag_means_sampled(self, flags: str):
        """The others are for later versions."""
        assert read(f"00-{TRACE_ID}-{SPAN_ID}-{flags}").is_sampled is False

    def test_a_later_version_is_read_as_far_as_known(self):
        """The standard asks for it."""
        assert TRACE_ID == read(f"cc-{TRACE_ID}-{SPAN_ID}-01-what-comes").trace_id

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "ann",
            f"00-{'0' * 32}-{SPAN_ID}-01",
            f"00-{TRACE_ID}-{'0' * 16}-01",
            f"ff-{TRACE_ID}-{SPAN_ID}-01",
            f"00-{TRACE_ID}-{SPAN_ID}-01-more",
            f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
            f"00-{TRACE_ID}-{SPAN_ID}",
            f"00-{TRACE_ID}-{SPAN_ID}-1",
            f"{VALID},{VALID}",
            f" {VALID}",
            f"{VALID}\n",
            VALID.replace("a", "g"),
        ],
    )
    def test_an_invalid_header_is_ignored(self, header: str):
        """All-zero ids among them."""
        assert read(header) is None


class TestCurrent:
    """`within`"""

    def test_it_holds_for_the_block(self):
        """And gives back what was there before."""
        trace = begun()
        with within(trace):
            inside = current()

        assert (trace, None) == (inside, current())

    def test_a_new_trace_can_be_read_by_others(self):
        """It is valid, and not recorded: nobody has asked for that."""
        trace = begun()

        assert trace == read(trace.traceparent)
        assert not trace.is_sampled
