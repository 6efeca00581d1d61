// Strong units and their laws: what may be added to, divided by and rounded into what.
//
// Representation: whole numbers where a thing is counted (Duration and Time in picoseconds, Bytes, Bandwidth in bytes
// per second), doubles where it is estimated (FLOPs, watts, joules, dollars). Products of two whole quantities are
// formed in 128 bits; every division names its rounding.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace orrery {

// For products of two whole quantities.
__extension__ typedef __int128 Int128;

enum class Rounding { kDown, kNearest, kUp };

// numerator / denominator with the rounding that is named. Both are non-negative, the denominator is positive; the
// result saturates at the largest int64 (callers check ranges where input enters).
[[nodiscard]] constexpr std::int64_t divide(Int128 numerator, Int128 denominator, Rounding rounding) {
  assert(numerator >= 0 && denominator > 0);
  const Int128 extra = rounding == Rounding::kDown ? 0 : rounding == Rounding::kUp ? denominator - 1 : denominator / 2;
  const Int128 quotient = (numerator + extra) / denominator;
  constexpr Int128 kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(quotient < kMost ? quotient : kMost);
}

// What every additive quantity has: order, sum, difference, multiples. `Self` is the quantity itself.
template <class Self, class Rep>
class Quantity {
 public:
  friend constexpr auto operator<=>(const Quantity&, const Quantity&) = default;
  friend constexpr Self operator+(Self a, Self b) { return make(a.rep_ + b.rep_); }
  friend constexpr Self operator-(Self a, Self b) { return make(a.rep_ - b.rep_); }
  friend constexpr Self operator*(Self a, Rep k) { return make(a.rep_ * k); }
  friend constexpr Self operator*(Rep k, Self a) { return make(a.rep_ * k); }
  friend constexpr Self& operator+=(Self& a, Self b) { return a = a + b; }
  friend constexpr Self& operator-=(Self& a, Self b) { return a = a - b; }

 protected:
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep rep) : rep_(rep) {}
  Rep rep_{};

 private:
  static constexpr Self make(Rep rep) { return Self(rep); }  // a member, so that Self may keep its constructor private
};

// A length of time in whole picoseconds: ± 106 days.
class Duration : public Quantity<Duration, std::int64_t> {
 public:
  constexpr Duration() = default;
  static constexpr Duration picoseconds(std::int64_t ps) { return Duration(ps); }
  static constexpr Duration nanoseconds(std::int64_t ns) { return Duration(ns * 1'000); }
  static constexpr Duration microseconds(std::int64_t us) { return Duration(us * 1'000'000); }
  // Nearest picosecond.
  static Duration seconds(double s);
  static constexpr Duration max() { return Duration(std::numeric_limits<std::int64_t>::max()); }
  [[nodiscard]] constexpr std::int64_t ps() const { return rep_; }
  [[nodiscard]] constexpr double in_seconds() const { return static_cast<double>(rep_) * 1e-12; }

 private:
  friend class Quantity<Duration, std::int64_t>;
  constexpr explicit Duration(std::int64_t ps) : Quantity(ps) {}
};

// An instant: picoseconds since the start of the step. Time ± Duration and Time − Time are all that compiles.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time picoseconds(std::int64_t ps) { return Time(ps); }
  static constexpr Time max() { return Time(std::numeric_limits<std::int64_t>::max()); }
  [[nodiscard]] constexpr std::int64_t ps() const { return ps_; }
  [[nodiscard]] constexpr double in_seconds() const { return static_cast<double>(ps_) * 1e-12; }
  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, Duration d) { return Time(t.ps_ + d.ps()); }
  friend constexpr Time operator-(Time t, Duration d) { return Time(t.ps_ - d.ps()); }
  friend constexpr Duration operator-(Time a, Time b) { return Duration::picoseconds(a.ps_ - b.ps_); }

 private:
  constexpr explicit Time(std::int64_t ps) : ps_(ps) {}
  std::int64_t ps_ = 0;
};

// Arithmetic that stops at max() instead of wrapping round; nothing is below zero.
[[nodiscard]] constexpr Duration saturating_sum(Duration a, Duration b) {
  return b > Duration::max() - a ? Duration::max() : a + b;
}
[[nodiscard]] constexpr Time saturating_sum(Time time, Duration duration) {
  return duration > Time::max() - time ? Time::max() : time + duration;
}
[[nodiscard]] constexpr Duration saturating_product(Duration a, std::int64_t times) {
  return times > 0 && a.ps() > Duration::max().ps() / times ? Duration::max() : a * times;
}

class Bytes : public Quantity<Bytes, std::int64_t> {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::int64_t count) : Quantity(count) {}
  [[nodiscard]] constexpr std::int64_t count() const { return rep_; }
  [[nodiscard]] constexpr double as_double() const { return static_cast<double>(rep_); }
};

// Bytes per second, whole.
class Bandwidth : public Quantity<Bandwidth, std::int64_t> {
 public:
  constexpr Bandwidth() = default;
  static constexpr Bandwidth bytes_per_second(std::int64_t rate) { return Bandwidth(rate); }
  [[nodiscard]] constexpr std::int64_t bytes_per_second() const { return rep_; }
  [[nodiscard]] constexpr double as_double() const { return static_cast<double>(rep_); }

 private:
  friend class Quantity<Bandwidth, std::int64_t>;
  constexpr explicit Bandwidth(std::int64_t rate) : Quantity(rate) {}
};

// Floating-point operations; a multiply-add counts as two.
class FlopCount : public Quantity<FlopCount, double> {
 public:
  constexpr FlopCount() = default;
  constexpr explicit FlopCount(double count) : Quantity(count) {}
  [[nodiscard]] constexpr double count() const { return rep_; }
};

class FlopRate : public Quantity<FlopRate, double> {
 public:
  constexpr FlopRate() = default;
  static constexpr FlopRate flops_per_second(double rate) { return FlopRate(rate); }
  [[nodiscard]] constexpr double flops_per_second() const { return rep_; }

 private:
  friend class Quantity<FlopRate, double>;
  constexpr explicit FlopRate(double rate) : Quantity(rate) {}
};

class Watts : public Quantity<Watts, double> {
 public:
  constexpr Watts() = default;
  constexpr explicit Watts(double watts) : Quantity(watts) {}
  [[nodiscard]] constexpr double value() const { return rep_; }
};

class Joules : public Quantity<Joules, double> {
 public:
  constexpr Joules() = default;
  constexpr explicit Joules(double joules) : Quantity(joules) {}
  [[nodiscard]] constexpr double value() const { return rep_; }
};

class Dollars : public Quantity<Dollars, double> {
 public:
  constexpr Dollars() = default;
  constexpr explicit Dollars(double dollars) : Quantity(dollars) {}
  [[nodiscard]] constexpr double value() const { return rep_; }
};

// The laws between units. Bandwidths and rates must be positive.
[[nodiscard]] constexpr Duration transfer_time(Bytes bytes, Bandwidth bandwidth, Rounding rounding) {
  constexpr Int128 kPicosecondsPerSecond = 1'000'000'000'000;
  return Duration::picoseconds(divide(kPicosecondsPerSecond * bytes.count(), bandwidth.bytes_per_second(), rounding));
}
[[nodiscard]] constexpr Bytes carried(Bandwidth bandwidth, Duration time, Rounding rounding) {
  constexpr Int128 kPicosecondsPerSecond = 1'000'000'000'000;
  return Bytes(divide(static_cast<Int128>(bandwidth.bytes_per_second()) * time.ps(), kPicosecondsPerSecond, rounding));
}
[[nodiscard]] constexpr double seconds_for(FlopCount work, FlopRate rate) {
  return work.count() / rate.flops_per_second();
}
[[nodiscard]] constexpr Joules operator*(Watts power, Duration time) {
  return Joules(power.value() * time.in_seconds());
}

// For people: three significant digits and the unit that suits the size ("1.42 s", "45.6 GiB", "25.0 GB/s").
[[nodiscard]] std::string to_text(Duration duration);
[[nodiscard]] std::string to_text(Bytes bytes);
[[nodiscard]] std::string to_text(Bandwidth bandwidth);
[[nodiscard]] std::string to_text(FlopCount work);
[[nodiscard]] std::string to_text(FlopRate rate);
[[nodiscard]] std::string to_text(Watts power);
[[nodiscard]] std::string to_text(Joules energy);
[[nodiscard]] std::string to_text(Dollars cost);

}  // namespace orrery
