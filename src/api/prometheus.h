// Exposition: numbers as Prometheus reads them (text format 0.0.4).
//
//   # HELP fabrix_bgp_peer_up Whether the session is established.
//   # TYPE fabrix_bgp_peer_up gauge
//   fabrix_bgp_peer_up{participant="A",asn="64500"} 1
//
// A metric is opened, then its samples are added; the caller sees to it that names are valid and
// that no two samples have the same labels. A metric without samples does not appear. A value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fabrix::api {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

// How often something took how long, in seconds.
struct Histogram {
  struct Bucket {
    double upper = 0;         // inclusive; ascending
    std::uint64_t count = 0;  // of this bucket alone
  };
  std::vector<Bucket> buckets;
  std::uint64_t beyond = 0;  // above the last bucket
  double sum = 0;

  // None yet, with buckets up to these.
  static Histogram with_buckets(std::initializer_list<double> uppers);

  void add(double seconds);
};

class Exposition {
 public:
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  void gauge(std::string_view name, std::string_view help) { open(name, help, "gauge"); }
  void counter(std::string_view name, std::string_view help) { open(name, help, "counter"); }

  // A sample of the metric opened last.
  void add(Labels labels, double value);
  void add(Labels labels, std::uint64_t value);

  void histogram(std::string_view name, std::string_view help, const Histogram& histogram);

  const std::string& text() const { return text_; }

 private:
  void open(std::string_view name, std::string_view help, std::string_view type);
  void add_line(std::string_view suffix, Labels labels, std::string_view value);

  std::string text_;
  std::string name_;
  std::string header_;  // of the metric, until it has a sample
};

}  // namespace fabrix::api
