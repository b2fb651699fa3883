#include "api/prometheus.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fabrix::api {
namespace {

std::string escape(std::string_view text, std::string_view also) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else {
      if (c == '\\' || also.find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

Histogram Histogram::with_buckets(std::initializer_list<double> uppers) {
  Histogram histogram;
  for (const double upper : uppers) histogram.buckets.push_back({.upper = upper, .count = 0});
  return histogram;
}

void Histogram::add(double seconds) {
  sum += seconds;
  const auto bucket = std::ranges::lower_bound(buckets, seconds, {}, &Bucket::upper);
  ++(bucket == buckets.end() ? beyond : bucket->count);
}

void Exposition::open(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  header_ = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escape(help, ""), name, type);
}

void Exposition::add(Labels labels, double value) {
  add_line("", labels, number(value));
}

void Exposition::add(Labels labels, std::uint64_t value) {
  add_line("", labels, std::to_string(value));
}

void Exposition::histogram(std::string_view name, std::string_view help,
                           const Histogram& histogram) {
  open(name, help, "histogram");
  std::uint64_t below = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    below += bucket.count;
    add_line("_bucket", {{"le", number(bucket.upper)}}, std::to_string(below));
  }
  const std::string all = std::to_string(below + histogram.beyond);
  add_line("_bucket", {{"le", "+Inf"}}, all);
  add_line("_sum", {}, number(histogram.sum));
  add_line("_count", {}, all);
}

void Exposition::add_line(std::string_view suffix, Labels labels, std::string_view value) {
  text_ += header_;
  header_.clear();
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, label] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, name, escape(label, "\""));
    before = ',';
  }
  if (labels.size() > 0) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

}  // namespace fabrix::api
