// Attribute: one thing that a sample says, under the name that sFlow-RT gives it: "ipsource",
// "tcpdestinationport", "vlan", "httphost"; of inner layers with a number: "ipsource.1".
//
// A flow definition finds its attributes once, by name; then each is read from the sample's octets
// when it is wanted, and nothing else is decoded. The value is text, as flow keys are: addresses as
// usual, MAC addresses as twelve upper-case digits, flags as digits of 0 and 1; of many it can be
// had in a form of octets, too (octet_form.h). A sample that does not say it has no value.
//
// Pure. Names and formats: docs/cli.md#flow-keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/headerless_field.h"
#include "telemetry/layer_field.h"
#include "telemetry/octet_form.h"
#include "telemetry/packet_attribute.h"
#include "telemetry/record_field.h"
#include "telemetry/routing_attribute.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class Attribute {
 public:
  // Layers inside tunnels are numbered so far; what is further in has no name.
  static constexpr unsigned kMaxNth = 9;

  static std::optional<Attribute> find(std::string_view name);

  // Appends the value; false, and nothing, if there is none.
  bool append(const Sample& sample, std::string& out) const;

  OctetForm form() const { return form_; }

  // The value in that form, which is not kNone; false if there is none.
  bool put(const Sample& sample, char* to) const {
    if (is_headerless(sample)) return put_headerless(sample, to);
    return layer_ != nullptr ? put_layer_field(*layer_, *sample.packet, nth_, to)
                             : put_number(sample, to);
  }

 private:
  Attribute() = default;

  bool put_headerless(const Sample& sample, char* to) const;
  bool put_number(const Sample& sample, char* to) const;
  void find_form();
  bool is_headerless(const Sample& sample) const {
    return headerless_ != nullptr && !sample.packet->header();
  }

  // One of them.
  const LayerField* layer_ = nullptr;
  const PacketAttribute* packet_ = nullptr;
  const RecordField* record_ = nullptr;
  const RoutingAttribute* routing_ = nullptr;
  // Of packets without a sampled header; may be null.
  const HeaderlessField* headerless_ = nullptr;
  unsigned nth_ = 0;
  OctetForm form_ = OctetForm::kNone;
};

// All names, sorted.
std::vector<std::string_view> attribute_names();

}  // namespace fabrix::telemetry
