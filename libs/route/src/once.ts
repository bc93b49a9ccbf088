// An answer that is worked out once for each question: a source with thousands of rules and hosts is asked for by each rule.

/** `answer` must depend on nothing but its question. */
export function once<Question, Answer>(answer: (question: Question) => Answer): (question: Question) => Answer {
  const known = new Map<Question, Answer>();
  return (question) => {
    if (!known.has(question)) known.set(question, answer(question));
    return known.get(question)!;
  };
}
