-- SPDX-License-Identifier: MIT
--- What is created, by every side.
return {
  Name = "crm-cases", Description = "Cases from the CRM, once an hour",
  KmsKey = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  SourceURI = "Salesforce://AppFlow/crm-cases",
  ScheduleConfig = { Object = "Case", ScheduleExpression = "rate(1 hour)" },
  Tags = { team = "contact-center" },
}
