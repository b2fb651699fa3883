#include "exports/harvest.h"

namespace fabrix::exports {

void Harvest::turn(const Add& add) {
  const telemetry::Time now = engine_->now();
  if (of_ == Of::kNothing) return;
  if (!next_) {
    next_ = now + interval_;
    before_ = now;
  }
  if (step_ == Step::kIdle && now >= *next_) {
    step_ = Step::kFlows;
    next_ = now + interval_;
    now_ = now;
    definition_.clear();
    source_.reset();
  }
  if (step_ == Step::kFlows && (of_ == Of::kMetrics || read_flows(add))) step_ = Step::kMetrics;
  if (step_ != Step::kMetrics) return;
  if (of_ != Of::kFlows && !read_metrics(add)) return;
  before_ = now_;
  step_ = Step::kIdle;
}

// Whether there are no more.
bool Harvest::read_flows(const Add& add) {
  const auto& all = engine_->flows().all();
  // No definition is called "".
  auto at = all.upper_bound(definition_);
  for (std::size_t i = 0; i < kDefinitions && at != all.end(); ++i, ++at) {
    const auto& [name, flow] = *at;
    const telemetry::FlowQuery query{.count = kTopFlows,
                                     .minimum = kLeastValue,
                                     .top_of_source = static_cast<std::size_t>(flow->spec.n)};
    for (const auto& one : flow->meter.active_flows(query, now_)) {
      add(entry_of(flow->spec, name, one, now_));
    }
    definition_ = name;
  }
  return at == all.end();
}

bool Harvest::read_metrics(const Add& add) {
  source_ = engine_->metrics().for_each_after(
      source_, kSources, [&](const telemetry::DataSource& source, const auto& metrics) {
        for (const auto& [name, metric] : metrics) {
          // What is newer than now_ is the next time's.
          const bool is_new = metric.updated > before_ && metric.updated <= now_;
          if (is_new) add(entry_of(source, name, metric));
        }
      });
  return !source_;
}

}  // namespace fabrix::exports
