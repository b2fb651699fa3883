// IpfixSession: the messages to one collector (RFC 7011 §3, over UDP §10.3): octets out, no socket.
//
// A message begins with the templates that the collector may not have: those it was not told, or
// not for kTemplatesAgain; UDP loses messages, and collectors forget. Its sequence number is how
// many data records there were before, so that the collector sees what was lost. The observation
// domain is 1. Bounded: kMaxWaiting records until take(), 65,280 templates. Time is an input. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "exports/ipfix_template.h"
#include "telemetry/flow_cache.h"

namespace fabrix::exports {

class IpfixSession {
 public:
  static constexpr std::size_t kMaxWaiting = 65'536;
  static constexpr std::size_t kLongestMessage = 1400;  // octets: a packet anywhere
  static constexpr std::chrono::seconds kTemplatesAgain{10};

  struct Counters {
    std::uint64_t records = 0;  // in messages
    std::uint64_t dropped = 0;  // there was no room for them
    std::uint64_t failed = 0;   // their keys are not what the elements hold
  };

  // To be sent with the next messages.
  void add(const IpfixTemplate& form, const telemetry::FlowRecord& record);

  // What is to be sent now.
  std::vector<std::vector<std::byte>> take(telemetry::Time now);

  std::size_t waiting() const { return waiting_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  struct Form {
    IpfixTemplate form;
    std::optional<telemetry::Time> told{};
  };
  struct Record {
    std::size_t form = 0;  // in forms_
    std::vector<std::byte> octets;
  };
  class Message;

  std::optional<std::size_t> place_of(const IpfixTemplate& form);

  std::vector<Form> forms_;
  std::vector<Record> waiting_;
  std::uint32_t sequence_ = 0;
  Counters counters_;
};

}  // namespace fabrix::exports
