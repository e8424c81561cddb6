namespace EdgeSplit.Training;

/// <summary>The learning rate of each round; rounds count from 1.</summary>
public abstract record LearningRateSchedule(double Initial)
{
    /// <summary>The learning rate of <paramref name="round"/> out of <paramref name="rounds"/>.</summary>
    public abstract double At(int round, int rounds);

    public sealed record Constant(double Initial) : LearningRateSchedule(Initial)
    {
        public override double At(int round, int rounds) => Initial;
    }

    /// <summary>Multiplied by <paramref name="Factor"/> after every <paramref name="Every"/> rounds.</summary>
    public sealed record Step(double Initial, int Every, double Factor) : LearningRateSchedule(Initial)
    {
        public override double At(int round, int rounds) => Initial * Math.Pow(Factor, (round - 1) / Every);
    }

    /// <summary>Half a cosine from the initial rate to <paramref name="Final"/> (Loshchilov &amp; Hutter 2017, eq. 5).</summary>
    public sealed record Cosine(double Initial, double Final) : LearningRateSchedule(Initial)
    {
        public override double At(int round, int rounds) =>
            rounds <= 1 ? Initial : Final + (0.5 * (Initial - Final) * (1 + Math.Cos(Math.PI * (round - 1) / (rounds - 1))));
    }
}
