// CheckedPolicy: a member's policy, checked against its exchange, and what it would do with a
// packet by its plain meaning (policy/interpret.h).
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "base/diagnostic.h"
#include "base/result.h"
#include "net/packet.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "python/loaded_exchange.h"
#include "python/outcome.h"

namespace fabrix::python {

// "tcp 100.0.0.1:40000 -> 140.0.0.1:80", and header fields that such a text has no words for, by
// the names that match() has for them.
Result<net::Packet, Failure> make_packet(const std::string& text,
                                         const std::map<std::string, std::uint64_t>& fields);

class CheckedPolicy {
 public:
  // Names are looked up in the exchange as `participant` sees it.
  static Result<CheckedPolicy, Failure> check(ExchangePtr exchange, const std::string& participant,
                                              std::string text, const std::string& file);

  struct Question {
    policy::Direction direction = policy::Direction::kOutbound;
    net::Packet packet;
    std::string sender;  // inbound; empty: nobody that a policy can name
    // Who has a route for the packet; none: everybody.
    std::optional<std::vector<std::string>> reachable;
    // What participants announce: for prefixes(T) and announced_by(T).
    std::map<std::string, std::vector<std::string>> announced;
  };
  // {"decision": "forward" | "multicast" | "drop" | "default" | null, "target", "packet", "writes",
  // "clause", "number"}; null: no clause applies.
  Outcome evaluate(const Question& question) const;

  const std::string& text() const { return text_; }
  // {"direction", "number", "clause", "line"} each, in order.
  boost::json::array clauses() const;
  boost::json::array warnings() const;
  std::string warning_text() const;

 private:
  CheckedPolicy(ExchangePtr exchange, policy::SymbolTable symbols, std::string text,
                policy::Parsed parsed)
      : exchange_(std::move(exchange)),
        symbols_(std::move(symbols)),
        text_(std::move(text)),
        parsed_(std::move(parsed)) {}

  ExchangePtr exchange_;
  policy::SymbolTable symbols_;
  std::string text_;
  policy::Parsed parsed_;
};

}  // namespace fabrix::python
