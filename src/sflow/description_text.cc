#include "sflow/description_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace fabrix::sflow {
namespace {

// How many octets the UTF-8 character at the beginning has; 0 if there is none (RFC 3629 §4).
std::size_t utf8_length(std::string_view text) {
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((octet(at) & 0xc0U) != 0x80) return 0;
  }
  const unsigned second = octet(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || beyond ? 0 : length;
}

bool is_plain(char character) {
  return character >= 0x20 && character < 0x7f && character != '"' && character != '\\';
}

void append_character(char character, std::string& out) {
  const auto value = static_cast<unsigned char>(character);
  if (character == '"' || character == '\\') {
    out += '\\';
    out += character;
  } else if (value < 0x20 || value >= 0x7f) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", value);
  } else {
    out += character;
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    // Nearly all of it.
    const auto* const special = std::ranges::find_if_not(text, is_plain);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = utf8_length(text);
    if (length > 1) {
      out += text.substr(0, length);
    } else {
      append_character(text.front(), out);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void LineDescription::begin(Part part) {
  if (part == Part::kDatagram) out_ += "startDatagram =================================\n";
  if (part == Part::kSample) out_ += "startSample ----------------------\n";
}

void LineDescription::end(Part part) {
  if (part == Part::kSample) out_ += "endSample   ----------------------\n";
  if (part == Part::kDatagram) out_ += "endDatagram   =================================\n";
}

void LineDescription::value(std::string_view name, std::string_view text) {
  out_ += name;
  out_ += ' ';
  std::ranges::transform(text, std::back_inserter(out_), [](char character) {
    const auto value = static_cast<unsigned char>(character);
    return value < 0x20 || value == 0x7f ? '?' : character;
  });
  out_ += '\n';
}

void LineDescription::fault(std::string_view what) {
  value("fault", what);
}

void JsonDescription::begin(Part part) {
  if (!open_.empty()) {
    Open& parent = open_.back();
    if (parent.has_parts) {
      out_ += ',';
    } else {
      if (parent.has_values) out_ += ',';
      out_ += part == Part::kSample ? "\"samples\":[" : "\"elements\":[";
    }
    parent.has_parts = true;
  }
  out_ += '{';
  open_.push_back({});
}

void JsonDescription::end(Part part) {
  Open& closing = open_.back();
  if (closing.has_parts) out_ += ']';
  if (part == Part::kDatagram && !faults_.empty()) {
    out_ += closing.has_values || closing.has_parts ? ",\"faults\":[" : "\"faults\":[";
    for (std::size_t i = 0; i < faults_.size(); ++i) {
      if (i != 0) out_ += ',';
      append_json_string(faults_[i], out_);
    }
    out_ += ']';
    faults_.clear();
  }
  out_ += '}';
  open_.pop_back();
  if (part == Part::kDatagram) out_ += '\n';
}

void JsonDescription::value(std::string_view name, std::string_view text) {
  if (open_.back().has_values) out_ += ',';
  open_.back().has_values = true;
  append_json_string(name, out_);
  out_ += ':';
  append_json_string(text, out_);
}

void JsonDescription::fault(std::string_view what) {
  faults_.emplace_back(what);
}

}  // namespace fabrix::sflow
