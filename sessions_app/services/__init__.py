"""What changes something for a learner: one function and one transaction each. Which module does what:

- questions: ``question_writing`` (which engine proposes them), ``bank`` (verified, stored, published), ``quizzes`` (chosen,
  shown without keys), ``attempts`` (begun and handed in);
- verdicts: ``grading`` (by rules), ``marking`` (a model's, on answers that wait), ``review_queue`` (a person's), ``regrading``
  (after a key changed);
- what follows an answer: ``learning_record`` calls ``mastery`` and ``cards`` (when the question comes back); ``reviews`` takes
  the answer to one that came back;
- plans and lessons: ``writing`` (within the request or by a job), ``teaching`` (made and stored), ``lesson_writing`` (by which
  engine);
- answers to a learner's question: ``asking`` (streamed and kept), ``answering`` (by which engine);
- the dialogue: the package ``dialogue`` (its turns), ``tutoring`` (a model's part in them).
"""
