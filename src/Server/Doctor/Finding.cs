namespace Sluice.Server.Doctor;

/// <summary>How one check came out.</summary>
internal enum Health
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One line of the doctor's report.</summary>
/// <param name="Health">How it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Found">What was found.</param>
/// <param name="Remedy">What to do; empty where nothing is.</param>
internal sealed record Finding(Health Health, string Subject, string Found, string Remedy = "")
{
    public static Finding Ok(string subject, string found) => new(Health.Ok, subject, found);

    public static Finding Warn(string subject, string found, string remedy) => new(Health.Warn, subject, found, remedy);

    public static Finding Fail(string subject, string found, string remedy) => new(Health.Fail, subject, found, remedy);
}
