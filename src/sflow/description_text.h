// A description (description.h) as text: lines of a name and a text, as sflowtool prints them, or
// one JSON object a datagram, as `sflowtool -j` does: every value is a string, samples are in
// "samples", their records in "elements", and what is wrong in "faults".
//
// Text of agents may hold anything: in lines, what would steer a terminal is shown as '?'; in JSON,
// octets that are no UTF-8 are taken for ISO 8859-1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sflow/description.h"

namespace fabrix::sflow {

// Appends to `out`, which must outlive it.
class LineDescription : public DescriptionSink {
 public:
  explicit LineDescription(std::string& out) : out_(out) {}

  void begin(Part part) override;
  void end(Part part) override;
  void value(std::string_view name, std::string_view text) override;
  void fault(std::string_view what) override;

 private:
  std::string& out_;
};

class JsonDescription : public DescriptionSink {
 public:
  explicit JsonDescription(std::string& out) : out_(out) {}

  void begin(Part part) override;
  void end(Part part) override;
  void value(std::string_view name, std::string_view text) override;
  void fault(std::string_view what) override;

 private:
  // An object that is open, and whether the array of its parts is.
  struct Open {
    bool has_values = false;
    bool has_parts = false;
  };

  std::string& out_;
  std::vector<Open> open_;
  std::vector<std::string> faults_;
};

// `text` as a string of JSON (RFC 8259 §7), with its quotation marks.
void append_json_string(std::string_view text, std::string& out);

}  // namespace fabrix::sflow
