// Samples for tests: a packet, and what the agent says of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sflow/datagram_writer.h"
#include "telemetry/key_expression.h"
#include "telemetry/sample.h"
#include "tests/sflow/captures.h"
#include "tests/sflow/frames.h"

namespace fabrix::telemetry {

using sflow::Octets;
using sflow::operator+;
using Records = std::vector<std::pair<sflow::Tag, Octets>>;

// Owns what its sample views.
class Sampled {
 public:
  explicit Sampled(const Octets& frame, const Records& records = {}) {
    sflow::DatagramWriter out({.agent = net::IpAddress::v4({192, 0, 2, 9})});
    out.begin({.source = {0, 7}, .sampling_rate = 1000, .input = {0, 7}, .output = {0, 9}},
              sflow::SampleForm::kCompact);
    if (!frame.empty()) {
      out.record(sflow::SampledHeader{.protocol = 1,
                                      .frame_length = static_cast<std::uint32_t>(frame.size()) + 4,
                                      .stripped = 4,
                                      .header = frame});
    }
    for (const auto& [tag, body] : records) out.record(tag, body);
    octets_ = out.take();
    const auto flow = sflow::read_flow_sample(sflow::samples_of(octets_)[0]).value();
    packet_ = std::make_unique<sflow::SampledPacket>(flow.records());
    sample_ = sample_of(net::IpAddress::v4({192, 0, 2, 9}), flow, *packet_);
  }

  Sample& sample() { return sample_; }
  const Octets& datagram() const { return octets_; }

  // What a key is of it.
  std::string operator[](const std::string& key) const {
    const auto parsed = KeyExpression::parse(key);
    if (!parsed) return "error: " + parsed.error().message;
    std::string out;
    return parsed->append(sample_, out) ? out : "(none)";
  }

 private:
  Octets octets_;
  std::unique_ptr<sflow::SampledPacket> packet_;
  Sample sample_;
};

inline Octets record(std::uint32_t format, const std::vector<sflow::FieldValue>& values) {
  return sflow::encode_record(*sflow::find_flow_schema(sflow::Tag::of(0, format)), values);
}

}  // namespace fabrix::telemetry
