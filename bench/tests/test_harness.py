"""What of the harness can be tested without servers: python3 -m unittest discover -t bench bench/tests."""

import pathlib
import socket
import tempfile
import threading
import time
import unittest

from harness import catalogue, load
from harness.client import Mixture, content
from harness.posthorn import Posthorn
from harness.processes import BenchError, PeakHeap
from harness.report import Results, ratio
from harness.scenarios import steady_rate
from harness.servers import Server, Setup

FIGURE = {"key": "rate", "label": "messages per second", "more_is_better": True}


def results(values, failures=None, servers=("postfix", "posthorn")):
    scenario = {"name": "relay", "title": "4 KB", "note": "", "figures": [FIGURE, {**FIGURE, "key": "twice"}]}
    doubled = {name: [{"rate": rate, "twice": rate and 2 * rate} for rate in rates] for name, rates in values.items()}
    return Results(
        {
            "command": "bench/run relay",
            "machine": ["2 cores"],
            "servers": {name: name.title() for name in servers},
            "notes": [],
            "scenarios": [{**scenario, "values": doubled, "failures": failures or {}}],
        }
    )


class Quiet(Server):
    """A server that is never started."""

    def configure(self):
        pass


class WarmUpTest(unittest.TestCase):
    def rate_of(self, *rates):
        """Returns the rate that is taken, and how many runs it took, of a server with these rates; the last one stays."""
        runs = []

        def timed(messages):
            runs.append(messages)
            return messages / rates[min(len(runs), len(rates)) - 1]

        return steady_rate(timed, 1), len(runs)

    def test_one_slow_run_does_not_end_it(self):
        rate, _ = self.rate_of(50, 100, 60, 200, 400, 400)
        self.assertEqual(rate, 400)

    def test_a_server_that_gets_ever_faster_is_not_waited_for_for_ever(self):
        _, runs = self.rate_of(*(2**n for n in range(100)))
        self.assertLess(runs, 50)


class ReportTest(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds(self):
        ours, theirs = [{"rate": 10}, {"rate": 30}, {"rate": 80}], [{"rate": 1}, {"rate": 2}, {"rate": 40}]
        self.assertEqual(ratio(ours, theirs, "rate"), 10)

    def test_a_table_has_medians_and_the_ratio_to_postfix(self):
        text = results({"postfix": [400, 500, 450], "posthorn": [4000, 6000, 4500]}).markdown()
        self.assertIn("| messages per second (more is better) | 450 | 4,500 | 10.0× |", text)

    def test_a_server_that_failed_is_told_of(self):
        text = results({"postfix": [400]}, {"posthorn": "it died"}).text()
        self.assertIn("relay: posthorn FAILED: it died", text)
        self.assertRegex(text, r"messages per second \(more is better\) +400 +– +–")

    def test_what_a_server_does_not_have_is_no_number(self):
        data = {"postfix": [None], "posthorn": [512]}
        self.assertEqual(ratio([{"rate": 512}], [{"rate": None}], "rate"), None)
        self.assertEqual(ratio([{"rate": None}], [{"rate": 512}], "rate"), None)
        self.assertIn("| messages per second (more is better) | – | 512 | – |", results(data).markdown())

    def test_many_servers_are_rows(self):
        servers = ("posthorn", "a", "b", "c", "d")
        text = results({name: [100 + number] for number, name in enumerate(servers)}, servers=servers).markdown()
        self.assertIn("| d | 104 (1.04×) | 208 (1.04×) |", text)

    def test_markdown_replaces_what_is_between_the_marks_of_its_section_only(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "performance.md")
            marks = "<!-- bench {0} begin -->\n{1}<!-- bench {0} end -->\n"
            path.write_text("head\n" + marks.format("main", "old\n") + marks.format("jvm", "other\n") + "tail\n")
            results({"postfix": [1], "posthorn": [2]}).put_into(path, "main")
            text = path.read_text()
        self.assertNotIn("old", text)
        self.assertTrue(text.startswith("head\n<!-- bench main begin -->\n```\nbench/run relay\n```\n"))
        self.assertTrue(text.endswith(marks.format("jvm", "other\n") + "tail\n"))


class PosthornTest(unittest.TestCase):
    """Of a Posthorn that is never started; a thread answers in its place."""

    def answer(self, listening, status, body):
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            time.sleep(0.01)  # what comes in two pieces is read whole
            connection.sendall(body.encode())

    def asked(self, directory, status, body):
        posthorn = Posthorn(pathlib.Path(directory, "posthorn"), Setup())
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(posthorn.socket))
            listening.listen()
            answering = threading.Thread(target=self.answer, args=(listening, status, body), daemon=True)
            answering.start()
            try:
                return posthorn.heap()
            finally:
                answering.join()

    def test_its_heap_is_what_its_metrics_say(self):
        page = "# TYPE posthorn_heap_committed_bytes gauge\nposthorn_heap_bytes 7.0\nposthorn_heap_committed_bytes 1.5E8\n"
        with tempfile.TemporaryDirectory() as directory:
            self.assertEqual(self.asked(directory, "200 OK", page), 1.5e8)

    def test_a_build_without_such_a_metric_has_no_figure(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertIsNone(self.asked(directory, "200 OK", "posthorn_heap_bytes 7.0\n"))

    def test_an_error_is_no_heap(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertRaisesRegex(BenchError, "no such", self.asked, directory, "404 Not Found", "no such path")


class PeakHeapTest(unittest.TestCase):
    class Swelling:
        def __init__(self, *heaps):
            self.heaps = list(heaps)

        def heap(self):
            return self.heaps.pop(0) if self.heaps else 1

    def test_the_most_counts(self):
        server = self.Swelling(1, 3, 2)
        with PeakHeap(server, interval=0.001) as peak:
            load.wait_for(lambda: not server.heaps, "three looks")
        self.assertEqual(peak.bytes, 3)

    def test_a_server_without_a_heap_has_none(self):
        with tempfile.TemporaryDirectory() as directory:
            with PeakHeap(Quiet(pathlib.Path(directory, "quiet"), Setup())) as peak:
                pass
        self.assertIsNone(peak.bytes)


class CatalogueTest(unittest.TestCase):
    def test_names_are_unique(self):
        names = [scenario.name for scenario in catalogue.SCENARIOS] + list(catalogue.GROUPS)
        self.assertEqual(len(names), len(set(names)))

    def test_nothing_named_means_the_main_scenarios(self):
        self.assertEqual({scenario.group for scenario in catalogue.chosen([])}, {"main"})

    def test_an_unknown_name_is_refused(self):
        self.assertRaises(KeyError, catalogue.chosen, ["relais"])


class LoadTest(unittest.TestCase):
    def test_a_mixture_keeps_its_shares_and_its_order(self):
        mixture = Mixture((0.8, 4096), (0.2, 8192))
        sizes = [len(mixture.body(number)) for number in range(1000)]
        self.assertEqual(sizes, [len(mixture.body(number)) for number in range(1000)])
        self.assertAlmostEqual(sizes.count(min(sizes)) / 1000, 0.8, delta=0.05)
        self.assertEqual(mixture.octets(1000), sum(sizes))

    def test_content_has_about_its_size_and_ends(self):
        body = content(4096)
        self.assertAlmostEqual(len(body), 4096, delta=100)
        self.assertTrue(body.endswith(b"\r\n.\r\n"))


class LogTest(unittest.TestCase):
    def test_deliveries_are_counted_once_and_by_whole_lines(self):
        with tempfile.TemporaryDirectory() as directory:
            server = Quiet(pathlib.Path(directory, "quiet"), Setup())
            self.assertEqual(server.delivered(), 0)
            with open(server.log, "w", encoding="ascii") as log:
                log.write("to=a status=sent\nto=b status=deferred\nto=c status=se")
                log.flush()
                self.assertEqual(server.delivered(), 1)
                log.write("nt\n")
                log.flush()
                self.assertEqual(server.delivered(), 2)


if __name__ == "__main__":
    unittest.main()
