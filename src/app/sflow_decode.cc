// `fabrix sflow decode`: what datagrams say.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "app/arguments.h"
#include "app/sflow_input.h"
#include "app/sflow_verbs.h"
#include "app/udp_endpoint_text.h"
#include "capture/capture_writer.h"
#include "sflow/datagram.h"
#include "sflow/description_text.h"
#include "sflow/sample_line.h"
#include "sflow/sampled_packet.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kUsage =
    "usage: fabrix sflow decode FILE [--port N|any] [--json | --csv | --pcap]\n"
    "       fabrix sflow decode --listen ADDRESS[:PORT] [--json | --csv | --pcap]\n"
    "\n"
    "Says what sFlow version 5 datagrams hold, of a capture (pcap or pcapng; - is stdin) or as "
    "they\n"
    "come, until ^C. Names are those of sflowtool.\n"
    "\n"
    "  --json     one JSON object a datagram, each value a string (sflowtool -j)\n"
    "  --csv      one line a sample: FLOW with 20 columns, CNTR with 21 (sflowtool -l)\n"
    "  --pcap     the sampled headers as a capture, on stdout: ... --pcap | tcpdump -r -\n"
    "  --port N   datagrams of the capture to this UDP port; default 6343\n"
    "  --listen   without a port it is 6343; [::] takes IPv4 too\n"
    "\n"
    "What an agent got wrong is told where it is (fault, faults) and the rest is read; at the end\n"
    "stderr says how much that was. Ends with 65 if the file is no capture, 3 if\n"
    "there is no such file.\n";

constexpr std::size_t kFlushAt = std::size_t{1} << 16U;

// One way to show datagrams: text that is written when there is enough of it.
class Output {
 public:
  Output() = default;
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  Output(Output&&) = delete;
  Output& operator=(Output&&) = delete;

  Reading show(const SflowDatagram& datagram) {
    append(datagram);
    return text_.size() < kFlushAt ? Reading::kContinue : flush();
  }

  Reading flush() {
    const bool written = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size();
    text_.clear();
    return written && std::fflush(stdout) == 0 ? Reading::kContinue : Reading::kStop;
  }

  // To stderr, what is worth knowing at the end.
  virtual void conclude() const {
    if (faults_ != 0) fmt::print(stderr, "{} faults in the datagrams\n", faults_);
  }

 protected:
  virtual void append(const SflowDatagram& datagram) = 0;

  std::string& text() { return text_; }
  void count_fault() { ++faults_; }

 private:
  std::string text_;
  std::uint64_t faults_ = 0;
};

// Counts faults on their way.
template <typename Sink>
class Counted : public Sink {
 public:
  using Sink::Sink;

  void fault(std::string_view what) override {
    ++faults;
    Sink::fault(what);
  }

  std::uint64_t faults = 0;
};

// As lines, or as JSON.
template <typename Sink>
class DescriptionOutput : public Output {
 protected:
  void append(const SflowDatagram& datagram) override {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(datagram.time);
    Counted<Sink> sink(text());
    sflow::describe(datagram.octets, {.source = datagram.source, .unix_seconds = seconds.count()},
                    sink);
    for (; sink.faults != 0; --sink.faults) count_fault();
  }
};

// Calls back with each sample of a datagram that can be read.
class SampleOutput : public Output {
 protected:
  virtual void flow(const net::IpAddress& agent, const sflow::FlowSample& flow) = 0;
  virtual void counters(const net::IpAddress& agent, const sflow::CounterSample& counters) = 0;

  void append(const SflowDatagram& datagram) override {
    time_ = datagram.time;
    const auto opened = sflow::Datagram::open(datagram.octets);
    if (!opened) return count_fault();
    sflow::ItemCursor samples = opened->samples();
    while (const auto sample = samples.next()) append(opened->header().agent, *sample);
    if (samples.fault()) count_fault();
  }

  std::chrono::nanoseconds time() const { return time_; }

 private:
  void append(const net::IpAddress& agent, const sflow::Item& sample) {
    if (sflow::is_flow_sample(sample.tag)) {
      const auto read = sflow::read_flow_sample(sample);
      if (!read) return count_fault();
      flow(agent, *read);
    } else if (sflow::is_counter_sample(sample.tag)) {
      const auto read = sflow::read_counter_sample(sample);
      if (!read) return count_fault();
      counters(agent, *read);
    }
  }

  std::chrono::nanoseconds time_{};
};

class CsvOutput : public SampleOutput {
 protected:
  void flow(const net::IpAddress& agent, const sflow::FlowSample& flow) override {
    sflow::append_flow_line(agent, flow, text());
  }
  void counters(const net::IpAddress& agent, const sflow::CounterSample& counters) override {
    sflow::append_counter_line(agent, counters, text());
  }
};

class PcapOutput : public SampleOutput {
 public:
  PcapOutput() { append_octets(capture::pcap_file_header(capture::LinkType::kEthernet)); }

  void conclude() const override {
    SampleOutput::conclude();
    if (other_ == 0) return;
    fmt::print(stderr, "{} samples have no Ethernet header and are not in the capture\n", other_);
  }

 protected:
  void flow(const net::IpAddress&, const sflow::FlowSample& flow) override {
    const sflow::SampledPacket packet(flow.records());
    const auto& header = packet.header();
    constexpr auto kEthernet = static_cast<std::uint32_t>(sflow::HeaderProtocol::kEthernet);
    if (!header || header->protocol != kEthernet) {
      ++other_;
      return;
    }
    const auto captured = static_cast<std::uint32_t>(header->header.size());
    const std::uint32_t stripped = std::min(header->stripped, header->frame_length);
    append_octets(
        capture::pcap_packet({.time = time(),
                              .length = std::max(header->frame_length - stripped, captured),
                              .octets = header->header}));
  }
  void counters(const net::IpAddress&, const sflow::CounterSample&) override {}

 private:
  void append_octets(sflow::Bytes octets) { text() += sflow::as_text(octets); }

  std::uint64_t other_ = 0;
};

std::unique_ptr<Output> output_for(const Arguments& arguments) {
  if (arguments.has("--json")) {
    return std::make_unique<DescriptionOutput<sflow::JsonDescription>>();
  }
  if (arguments.has("--csv")) return std::make_unique<CsvOutput>();
  if (arguments.has("--pcap")) return std::make_unique<PcapOutput>();
  return std::make_unique<DescriptionOutput<sflow::LineDescription>>();
}

ExitCode decode_file(const Arguments& arguments, Output& output) {
  const auto port = captured_port(arguments);
  if (!port) return complain(ExitCode::kUsage, "sflow decode: " + port.error().message);
  const auto read = read_capture(arguments.words()[0], *port, [&](const SflowDatagram& datagram) {
    return output.show(datagram);
  });
  if (!read) return complain(read.error().code, read.error().message);
  return ExitCode::kOk;
}

ExitCode decode_arrivals(const Arguments& arguments, Output& output) {
  const auto local = parse_udp_endpoint(*arguments.value("--listen"), sflow::kDefaultPort);
  if (!local) return complain(ExitCode::kUsage, "sflow decode: " + local.error().message);
  const auto listened = listen_for_datagrams(
      *local, [&](const SflowDatagram& datagram) { return output.show(datagram); },
      [&] { output.flush(); });
  if (!listened) return complain(ExitCode::kFailed, listened.error().message);
  return ExitCode::kOk;
}

}  // namespace

ExitCode sflow_decode(Words words) {
  const auto arguments = Arguments::parse(
      words,
      {.valued = {"--listen", "--port"}, .switches = {"--json", "--csv", "--pcap", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const bool listen = arguments->value("--listen").has_value();
  const int forms = (arguments->has("--json") ? 1 : 0) + (arguments->has("--csv") ? 1 : 0) +
                    (arguments->has("--pcap") ? 1 : 0);
  const bool port = arguments->value("--port").has_value();
  if (arguments->words().size() != (listen ? 0U : 1U) || forms > 1 || (listen && port)) {
    return misused(kUsage);
  }
  const auto output = output_for(*arguments);
  const ExitCode code =
      listen ? decode_arrivals(*arguments, *output) : decode_file(*arguments, *output);
  if (code != ExitCode::kOk) return code;
  if (output->flush() == Reading::kStop) {
    return complain(ExitCode::kFailed, "the output could not be written");
  }
  output->conclude();
  return code;
}

}  // namespace fabrix::app
