// FsmRecord: a file with the states of all policies' fsms, from which the next process goes on,
// however this one ended.
//
// The file is replaced as a whole, at most once each kLeastBetween, and not forced to the disk:
// what happens in the last moment before a crash may be lost, and after a failure of the machine
// the file may be. Of an fsm in which anything moves otherwise than in the one that was written
// (`fingerprint`), nothing is taken over, and people are told. Times are by the wall clock.
//
//     fabrix states 1
//     fsm 5bd1e995a2b4c3d7 auth A
//     10.0.0.1 1 1764000000000
//
// "fsm", the fingerprint, its name, the participant's; then an instance a line: the values of its
// class ("-": it has none), its state's number, and when it last had an event in milliseconds since
// 1970. A file of another form, or larger than kMostOctets, is left aside. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/controller.h"
#include "controller/fsm_states.h"
#include "io/event_loop.h"
#include "policy/fsm_machine.h"

namespace fabrix::controller {

struct RecordedInstance {
  std::string of;  // "10.0.0.1,80"; "-"
  policy::StateId state = 0;
  std::int64_t heard = 0;

  friend bool operator==(const RecordedInstance&, const RecordedInstance&) = default;
};

struct RecordedFsm {
  std::uint64_t fingerprint = 0;
  std::string fsm;
  std::string participant;
  std::vector<RecordedInstance> instances;

  friend bool operator==(const RecordedFsm&, const RecordedFsm&) = default;
};

std::string format_states(const std::vector<RecordedFsm>& all);
// None: that is no such file.
std::optional<std::vector<RecordedFsm>> parse_states(std::string_view text);

// Of all that decides how its instances move, and of nothing else.
std::uint64_t fingerprint(const policy::Machine& machine, const std::vector<policy::Event>& events);

class FsmRecord {
 public:
  static constexpr std::chrono::milliseconds kLeastBetween{1000};
  static constexpr std::size_t kMostOctets = std::size_t{64} << 20U;

  // The controller must outlive it.
  FsmRecord(io::EventLoop& loop, Controller& controller, std::string path);
  ~FsmRecord();
  FsmRecord(const FsmRecord&) = delete;
  FsmRecord& operator=(const FsmRecord&) = delete;
  FsmRecord(FsmRecord&&) = delete;
  FsmRecord& operator=(FsmRecord&&) = delete;

  // Puts the policies, as they are now, into the states that the file has. Returns what could not
  // be taken over, in words.
  std::vector<std::string> restore();
  // From now on the file says which states there are, and once more at the end.
  void keep();

 private:
  void changed();
  void write();

  Controller& controller_;
  std::string path_;
  bool keeps_ = false;
  io::Clock::time_point written_;
  io::Timer timer_;
};

}  // namespace fabrix::controller
