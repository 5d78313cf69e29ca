"""How certain a pooled number is: the numbers that a judgement rests on, a suggestion, and what people judged."""
