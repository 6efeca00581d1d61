// DCTCP's window: how many packets a sender may have under way, by the marks that come back.
#pragma once

#include <algorithm>
#include <cstdint>

namespace orrery::packet {

// The law (RFC 8257; Alizadeh et al., SIGCOMM 2010), in packets, decided once a window of acknowledgements:
//     α ← (1 − g)·α + g·F,  F the fraction marked, g = 1/16, α = 1 at first;
//     W ← W·(1 − α/2) if any was marked, else W + 1.
// A trimmed packet counts as marked, and the first of a window halves W at once. A window that starts below `full` (the
// bandwidth-delay product) grows by one an acknowledgement up to there, until the first mark. 1 ≤ W ≤ most.
class Window {
 public:
  Window() = default;
  Window(double initial, double full, double most)
      : size_(std::max(1.0, initial)), full_(full), most_(std::max(1.0, most)), round_(whole()) {
    slow_start_ = size_ < full_;
  }

  [[nodiscard]] bool has_room() const { return under_way_ < whole(); }
  [[nodiscard]] bool idle() const { return under_way_ == 0; }
  [[nodiscard]] double size() const { return size_; }
  void sent() { ++under_way_; }
  void acknowledged(bool marked) {
    --under_way_;
    if (marked) slow_start_ = false;
    const bool grows = !slow_start_;  // one a round, not one an acknowledgement
    if (slow_start_) {
      set(size_ + 1);
      slow_start_ = size_ < full_;
    }
    marked_ += marked ? 1 : 0;
    if (++heard_ >= round_) decide(grows);
  }
  void trimmed() {
    if (!halved_) set(size_ / 2);
    halved_ = true;
    acknowledged(true);
  }

 private:
  static constexpr double kGain = 1.0 / 16;

  [[nodiscard]] std::uint64_t whole() const { return static_cast<std::uint64_t>(size_); }
  void set(double size) { size_ = std::clamp(size, 1.0, most_); }
  void decide(bool grows) {
    alpha_ += kGain * (static_cast<double>(marked_) / static_cast<double>(heard_) - alpha_);
    if (marked_ == 0 && grows) set(size_ + 1);
    if (marked_ > 0 && !halved_) set(size_ * (1 - alpha_ / 2));
    heard_ = marked_ = 0;
    halved_ = false;
    round_ = whole();
  }

  double size_ = 1;
  double full_ = 1;
  double most_ = 1;
  double alpha_ = 1;
  std::uint64_t under_way_ = 0;
  std::uint64_t round_ = 1;   // acknowledgements until the next decision
  std::uint64_t heard_ = 0;   // of them
  std::uint64_t marked_ = 0;  // of those
  bool slow_start_ = false;
  bool halved_ = false;  // in this round
};

}  // namespace orrery::packet
